-- Played by any Neovim from 0.7 on, without the plugin: what the one-liner of editors/README.md gives. Attaches, shows a
-- diagnostic, applies a resolved action. Environment: SUTURE_BIN the program, SUTURE_FILE the file.

local function say(step, fields)
  fields.step = step
  io.stdout:write(vim.fn.json_encode(fields) .. '\n')
end

vim.cmd('edit ' .. vim.env.SUTURE_FILE)
local buffer = vim.api.nvim_get_current_buf()
local id = vim.lsp.start_client({
  name = 'suture',
  cmd = { vim.env.SUTURE_BIN, 'serve', '--stdio' },
  root_dir = vim.fn.getcwd(),
  init_options = { untrustedWorkspace = false },
})
vim.lsp.buf_attach_client(buffer, id)
vim.wait(60000, function()
  return #vim.diagnostic.get(buffer) > 0
end, 20)
local found = vim.diagnostic.get(buffer)[1]
say('diagnostic', { version = vim.version().minor, message = found and found.message or '', line = found and found.lnum or -1 })

local client = vim.lsp.get_client_by_id(id)
vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
params.context = { diagnostics = { found.user_data.lsp.range and found.user_data.lsp or vim.empty_dict() } }
if not found.user_data.lsp.range then
  params.context.diagnostics = {}
end
local action
vim.wait(60000, function()
  local answer = client.request_sync('textDocument/codeAction', params, 10000, buffer)
  for _, each in ipairs(answer and answer.result or {}) do
    if each.title:find('import json', 1, true) and each.title:find('→', 1, true) then
      action = each
    end
  end
  return action ~= nil
end, 500)
if action and not action.edit then
  action = client.request_sync('codeAction/resolve', action, 30000, buffer).result
end
if action then
  vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
end
say('applied', { title = action and action.title or '', text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') })
vim.wait(10000, function()
  return #vim.diagnostic.get(buffer) == 0
end, 20)
say('after', { count = #vim.diagnostic.get(buffer) })
vim.lsp.stop_client(id)
vim.wait(500)
vim.cmd('qa!')
