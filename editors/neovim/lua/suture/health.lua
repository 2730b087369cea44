-- :checkhealth suture

local M = {}

function M.check()
  local health, suture = vim.health, require('suture')
  health.start('Suture')
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok('Neovim ' .. tostring(vim.version()))
  else
    health.error('Neovim ' .. tostring(vim.version()) .. ' is too old', 'use 0.11 or newer')
  end
  local program = suture.options().cmd[1]
  if vim.fn.executable(program) == 0 then
    health.error('the program ' .. program .. ' was not found', {
      'pip install suture, and put its folder on PATH',
      "or name it: vim.g.suture = { cmd = { '/path/to/suture', 'serve', '--stdio' } }",
    })
    return
  end
  local answer = vim.system({ program, '--version' }, { text = true, timeout = 20000 }):wait()
  if answer.code == 0 then
    health.ok(vim.trim(answer.stdout) .. ' at ' .. vim.fn.exepath(program))
  else
    health.error(program .. ' --version failed', vim.trim(answer.stderr or ''))
  end
  if not vim.lsp.is_enabled('suture') then
    health.warn('the server is not enabled', "vim.lsp.enable('suture')")
  end
  local clients = vim.lsp.get_clients({ name = 'suture' })
  if #clients == 0 then
    health.info('no buffer is attached: open a Python file')
  end
  for _, client in ipairs(clients) do
    local root = client.root_dir or '(no folder)'
    local trusted = suture.is_trusted(client.root_dir) and 'trusted' or 'not trusted at start: runs nothing until :Suture trust'
    health.ok(('%s: %d buffers, %s'):format(root, vim.tbl_count(client.attached_buffers), trusted))
  end
end

return M
