-- :checkhealth suture

local M = {}

function M.check()
  local health, suture = vim.health, require('suture')
  health.start('Suture')
  if vim.fn.has('nvim-0.11') == 1 then
    local now = vim.version()
    health.ok(('Neovim %d.%d.%d'):format(now.major, now.minor, now.patch))
  else
    health.error('Neovim ' .. tostring(vim.version()) .. ' is too old', 'use 0.11 or newer')
  end
  local program = suture.options().cmd[1]
  if vim.fn.executable(program) == 0 then
    health.error('the program ' .. program .. ' was not found', {
      'in a checkout of Suture: uv tool install ., or: pipx install .',
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
    local buffers = vim.tbl_count(client.attached_buffers)
    health.ok(('%s: %d buffer%s, %s'):format(root, buffers, buffers == 1 and '' or 's', trusted))
    M.standing(client)
  end
end

---What the server says of itself.
---@param client vim.lsp.Client
function M.standing(client)
  local health = vim.health
  local asked = { command = 'suture.status', arguments = { vim.empty_dict() } }
  local answer = client:request_sync('workspace/executeCommand', asked, 20000)
  local now = answer and answer.result
  if type(now) ~= 'table' then
    return health.warn('the server did not say how things stand', ':Suture log')
  end
  if now.sandbox.name ~= '' then
    health.ok('sandbox: ' .. now.sandbox.name)
  else
    health.warn('no sandbox: ' .. now.sandbox.reason, ':Suture doctor')
  end
  local model = now.model.name ~= '' and now.model.name or 'none: nothing is sent anywhere'
  health.info(('model: %s; today: $%.2f of $%.2f'):format(model, now.spent_today_usd, now.day_usd))
end

return M
