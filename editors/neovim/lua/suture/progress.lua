-- What the server is doing right now, in a small window at the bottom right, as long as it takes.
--
-- Invariant: it takes no focus and no key; nothing is shown of what is over before anybody could read it.

local M = {}

---How long something has to take before it is shown (milliseconds).
local DELAY_MS = 300

---@class suture.Work
---@field client integer
---@field token string|integer
---@field title string
---@field message string?
---@field percentage integer?
---@field shown boolean

---@type suture.Work[] in the order in which it began
local working = {}
local window, buffer ---@type integer?, integer?

local function close()
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_close(window, true)
  end
  window = nil
end

---@return string[]
function M.lines()
  local lines = {}
  for _, work in ipairs(working) do
    if work.shown then
      local share = work.percentage and (' %d %%'):format(work.percentage) or ''
      local message = work.message and work.message ~= '' and ': ' .. work.message or ''
      table.insert(lines, ((work.title .. share .. message):gsub('%s*\n%s*', ' ')))
    end
  end
  return lines
end

local function draw()
  local lines = M.lines()
  if #lines == 0 or vim.fn.getcmdwintype() ~= '' then
    return close()
  end
  local limit = math.max(20, math.min(80, vim.o.columns - 4))
  local width = 1
  for index, line in ipairs(lines) do
    if vim.fn.strdisplaywidth(line) > limit then
      lines[index] = vim.fn.strcharpart(line, 0, limit - 1) .. '…'
    end
    width = math.max(width, vim.fn.strdisplaywidth(lines[index]))
  end
  if not buffer or not vim.api.nvim_buf_is_valid(buffer) then
    buffer = vim.api.nvim_create_buf(false, true)
  end
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  local place = {
    relative = 'editor',
    anchor = 'SE',
    row = vim.o.lines - vim.o.cmdheight - (vim.o.laststatus > 0 and 1 or 0),
    col = vim.o.columns,
    width = width,
    height = #lines,
  }
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_set_config(window, place)
  else
    local more = { style = 'minimal', border = 'none', focusable = false, noautocmd = true, zindex = 30 }
    window = vim.api.nvim_open_win(buffer, false, vim.tbl_extend('force', place, more))
    vim.wo[window].winhighlight = 'Normal:Comment'
    vim.wo[window].winblend = 0
  end
end

---@param client integer
---@param token string|integer
---@return suture.Work?, integer?
local function find(client, token)
  for index, work in ipairs(working) do
    if work.client == client and work.token == token then
      return work, index
    end
  end
end

---A `$/progress` of the server.
---@param client integer
---@param params { token: string|integer, value: table }
function M.report(client, params)
  local value = params.value
  local work, index = find(client, params.token)
  if value.kind == 'begin' and not work then
    work = { client = client, token = params.token, title = value.title, message = value.message, shown = false }
    table.insert(working, work)
    vim.defer_fn(function()
      if find(client, params.token) then
        work.shown = true
        draw()
      end
    end, DELAY_MS)
  elseif value.kind == 'end' and index then
    table.remove(working, index)
    draw()
  elseif work then
    work.message = value.message or work.message
    work.percentage = value.percentage or work.percentage
    if work.shown then
      draw()
    end
  end
end

---The client has ended, and with it what it was doing.
---@param client integer
function M.forget(client)
  working = vim.tbl_filter(function(work)
    return work.client ~= client
  end, working)
  draw()
end

---Asks the server to stop what it is doing.
---@return integer count how many things were asked to stop
function M.cancel()
  for _, work in ipairs(working) do
    local client = vim.lsp.get_client_by_id(work.client)
    if client then
      client:notify('window/workDoneProgress/cancel', { token = work.token })
    end
  end
  return #working
end

return M
