-- A person at a real, headless Neovim 0.11: starts the plugin on a file, and says what is seen as one line of JSON a step.
-- Environment: SUTURE_PLUGIN the plugin's folder, SUTURE_BIN the program, SUTURE_FILE the file, SUTURE_ROOT its folder.

local M = {}

function M.say(step, fields)
  io.stdout:write(vim.json.encode(vim.tbl_extend('force', { step = step }, fields or {})) .. '\n')
  io.stdout:flush()
end

function M.finish()
  vim.cmd('qa!')
end

---@param what string
---@param check fun(): any
---@param milliseconds integer?
function M.wait(what, check, milliseconds)
  if not vim.wait(milliseconds or 60000, check, 20) then
    M.say('failed', { waiting_for = what, messages = vim.fn.execute('messages') })
    M.finish()
  end
end

---@return string
function M.text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
end

---@param path string
---@return string
function M.bytes(path)
  local file = assert(io.open(path, 'rb'))
  local all = file:read('*a')
  file:close()
  return all
end

---The lines of the floating windows.
---@return string[]
function M.floating()
  local lines = {}
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative == 'editor' then
      vim.list_extend(lines, vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false))
    end
  end
  return lines
end

---Opens a file, and waits for the server there.
---@param path string
---@return integer buffer
function M.open(path)
  vim.cmd.edit(vim.fn.fnameescape(path))
  local buffer = vim.api.nvim_get_current_buf()
  M.wait('a client', function()
    local client = vim.lsp.get_clients({ bufnr = buffer, name = 'suture' })[1]
    return client and client.initialized
  end)
  return buffer
end

---Diagnostics of a buffer (nil: of all) whose code matches a pattern.
function M.problems(buffer, pattern)
  return vim.tbl_filter(function(each)
    return tostring(each.code):find(pattern) ~= nil
  end, vim.diagnostic.get(buffer))
end

---The lightbulb: asked until an action whose title has all of these (plain texts) did its work.
---@param done (fun(): boolean)? what tells that it did (else: that the buffer is another)
---@return string? title
function M.lightbulb(buffer, parts, done)
  local before, chosen = M.text(buffer), nil
  done = done or function()
    return M.text(buffer) ~= before
  end
  local deadline = vim.uv.now() + 60000
  while not done() and vim.uv.now() < deadline do
    vim.lsp.buf.code_action({
      apply = true,
      filter = function(action)
        for _, part in ipairs(parts) do
          if not action.title:find(part, 1, true) then
            return false
          end
        end
        chosen = chosen or action.title
        return action.title == chosen
      end,
    })
    vim.wait(700, done, 20)
  end
  if not done() then
    M.say('failed', { waiting_for = table.concat(parts, ' … '), messages = vim.fn.execute('messages') })
    M.finish()
  end
  return chosen
end

---@param scenario fun(buffer: integer)
function M.play(scenario)
  local ok, problem = xpcall(function()
    vim.opt.swapfile = false
    vim.g.suture = { cmd = { vim.env.SUTURE_BIN, 'serve', '--stdio' }, trust = { vim.env.SUTURE_ROOT } }
    vim.opt.runtimepath:prepend(vim.env.SUTURE_PLUGIN)
    vim.cmd('runtime! plugin/suture.lua')
    vim.cmd('filetype on')
    scenario(M.open(vim.env.SUTURE_FILE))
  end, debug.traceback)
  if not ok then
    M.say('failed', { error = problem })
  end
  M.finish()
end

return M
