-- The server's configuration for Neovim 0.11 and newer: found by 'runtimepath', started by vim.lsp.enable('suture').
-- Change it with vim.lsp.config('suture', { … }) or vim.g.suture (see :help suture).

local suture = require('suture')

---@type vim.lsp.Config
return {
  cmd = suture.options().cmd,
  filetypes = { 'python' },
  root_markers = { 'pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', '.git' },
  settings = { suture = suture.options().settings },
  before_init = function(params, config)
    params.initializationOptions = vim.tbl_extend('keep', config.init_options or {}, {
      untrustedWorkspace = not suture.is_trusted(config.root_dir),
    })
  end,
}
