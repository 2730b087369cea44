-- Starts the server for Python (and, to heal what fails there, Rust, Go, TypeScript, JavaScript) and defines :Suture. Set vim.g.suture_autostart = false to start it yourself.

if vim.g.loaded_suture then
  return
end
vim.g.loaded_suture = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('Suture needs Neovim 0.11 or newer', vim.log.levels.WARN)
  return
end

vim.api.nvim_create_user_command('Suture', function(command)
  require('suture').command(command.args, command.range > 0 and { command.line1 - 1, command.line2 - 1 } or nil)
end, {
  nargs = '*',
  range = true,
  desc = 'Suture: run, heal, fuzz, generate, review, evidence, trust, doctor, …',
  complete = function(lead, line, position)
    return require('suture.complete').complete(lead, line, position)
  end,
})

local group = vim.api.nvim_create_augroup('suture', {})

---@return vim.lsp.Client?
local function suture(id)
  local client = vim.lsp.get_client_by_id(id)
  return client and client.name == 'suture' and client or nil
end

vim.api.nvim_create_autocmd('LspAttach', {
  group = group,
  callback = function(event)
    if suture(event.data.client_id) and require('suture').options().lenses then
      require('suture.lens').keep(event.buf)
    end
  end,
})

vim.api.nvim_create_autocmd('LspProgress', {
  group = group,
  callback = function(event)
    if suture(event.data.client_id) and require('suture').options().progress then
      require('suture.progress').report(event.data.client_id, event.data.params)
    end
  end,
})

if vim.g.suture_autostart ~= false then
  vim.lsp.enable('suture')
end
