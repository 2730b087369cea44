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
  require('suture').command(command.args)
end, {
  nargs = '+',
  desc = 'Suture: run, heal, fuzz, generate, review, evidence, trust, doctor, …',
  complete = function(lead, line)
    local before = vim.split(line, '%s+')
    if #before > 2 then
      return {}
    end
    return vim.tbl_filter(function(name)
      return vim.startswith(name, lead)
    end, require('suture').names())
  end,
})

vim.api.nvim_create_autocmd('LspAttach', {
  group = vim.api.nvim_create_augroup('suture', {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'suture' then
      require('suture').keep_lenses(event.buf)
    end
  end,
})

if vim.g.suture_autostart ~= false then
  vim.lsp.enable('suture')
end
