-- What <Tab> offers after :Suture: the commands, then what the command takes.
--
-- Invariant: it answers from what is known; it asks nobody and never waits.

local M = {}

local function functions()
  return require('suture.lens').names()
end

---@type table<string, string[]|fun(): string[]>
local after = {
  compare = functions,
  fuzz = functions,
  ['forget-expected'] = functions,
  ['measure-growth'] = functions,
  ['property-tests'] = functions,
  ['heal-traceback'] = { '+', '"', '*', '0' },
  ['review-change'] = { 'HEAD', 'HEAD~1', 'main', 'master' },
  heal = { 'python', 'pytest', 'cargo', 'go', 'node', 'npx' },
  run = function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = 'suture' })[1]
    local tasks = client and vim.tbl_get(client.settings or {}, 'suture', 'tasks')
    local names = vim.tbl_keys(type(tasks) == 'table' and tasks or {})
    table.sort(names)
    return vim.list_extend({ 'file', 'tests', 'test', 'all', 'output' }, names)
  end,
  watch = { 'stop' },
}

---@param lead string the word at the cursor
---@param line string
---@param position integer
---@return string[]
function M.complete(lead, line, position)
  local words = vim.split(line:sub(1, position), '%s+')
  table.remove(words, 1) -- Suture, with or without a range
  local names = {}
  if #words <= 1 then
    names = require('suture').names()
  elseif #words == 2 then
    local known = after[words[1]] or {}
    names = type(known) == 'function' and known() or known --[[@as string[] ]]
  end
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names)
end

return M
