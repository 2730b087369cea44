-- The lenses of the server: which one is meant at the cursor, all of a function in a floating window, and when they are
-- asked for.
--
-- Invariant: a lens is run as the server gave it; nothing is computed from the text here.

local M = {}

---The last of the lenses that starts at or before the line and that the check takes.
---@param lenses lsp.CodeLens[]?
---@param line integer
---@param check fun(lens: lsp.CodeLens): boolean
---@return lsp.CodeLens?
local function nearest(lenses, line, check)
  local best
  for _, lens in ipairs(lenses or {}) do
    local start = lens.range.start.line
    if lens.command and start <= line and check(lens) then
      best = (not best or start >= best.range.start.line) and lens or best
    end
  end
  return best
end

---@param client vim.lsp.Client
---@param done fun(lenses: lsp.CodeLens[]?)
local function ask(client, done)
  client:request('textDocument/codeLens', { textDocument = { uri = vim.uri_from_bufnr(0) } }, function(_, lenses)
    done(lenses)
  end)
end

---Finds the lens of a command for what the cursor is in; `done` is given its argument, or nil.
---@param client vim.lsp.Client
---@param command string
---@param done fun(argument: table?)
function M.at_cursor(client, command, done)
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  ask(client, function(lenses)
    local best = nearest(lenses, line, function(lens)
      return lens.command.command == command
    end)
    done(best and best.command.arguments[1])
  end)
end

---The lenses of what the cursor is in, in a floating window: <CR> runs the one under the cursor.
---@param client vim.lsp.Client
function M.choose(client)
  local line, code = vim.api.nvim_win_get_cursor(0)[1] - 1, vim.api.nvim_get_current_buf()
  ask(client, function(lenses)
    local near = nearest(lenses, line, function()
      return true
    end) or (lenses or {})[1]
    local found = vim.tbl_filter(function(lens)
      return lens.command ~= nil and lens.range.start.line == near.range.start.line
    end, near and lenses or {})
    if #found == 0 then
      return vim.notify('Suture: there are no lenses here yet', vim.log.levels.WARN)
    end
    local titles = vim.tbl_map(function(lens)
      return lens.command.title
    end, found)
    local place = ('line %d: <Enter> runs, q closes'):format(near.range.start.line + 1)
    local window = require('suture.show').float(titles, place, 'suture-lenses', true)
    vim.wo[window].cursorline = true
    vim.keymap.set('n', '<CR>', function()
      local lens = found[vim.api.nvim_win_get_cursor(0)[1]]
      vim.api.nvim_win_close(0, true)
      client:exec_cmd(lens.command, { bufnr = code })
    end, { buffer = 0, nowait = true })
  end)
end

---The names that the lenses of the buffer can be asked for, from what is known already.
---@return string[]
function M.names()
  local names = {}
  for _, lens in ipairs(vim.lsp.codelens.get(0)) do
    local argument = lens.command and lens.command.command == 'suture.fuzz' and (lens.command.arguments or {})[1]
    if argument and argument.name then
      names[argument.name] = true
    end
  end
  names = vim.tbl_keys(names)
  table.sort(names)
  return names
end

---Lenses have to be asked for in Neovim: after attaching, after a change, and when the server has news of them.
---@param buffer integer
function M.keep(buffer)
  vim.lsp.codelens.refresh({ bufnr = buffer })
  vim.api.nvim_create_autocmd({ 'BufWritePost', 'InsertLeave', 'TextChanged' }, {
    buffer = buffer,
    group = vim.api.nvim_create_augroup('suture.lenses.' .. buffer, {}),
    callback = function()
      vim.lsp.codelens.refresh({ bufnr = buffer })
    end,
  })
end

---`workspace/codeLens/refresh`: a search or a run is over.
function M.refresh(_, _, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client and require('suture').options().lenses then
    for buffer in pairs(client.attached_buffers) do
      vim.lsp.codelens.refresh({ bufnr = buffer })
    end
  end
  return vim.NIL
end

return M
