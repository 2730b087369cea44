-- The server's configuration for Neovim 0.11 and newer: found by 'runtimepath', started by vim.lsp.enable('suture').
-- Change it with vim.lsp.config('suture', { … }) or vim.g.suture (see :help suture).

local lens = require('suture.lens')
local progress = require('suture.progress')
local show = require('suture.show')
local suture = require('suture')

local markers = { 'pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', 'Cargo.toml', 'go.mod', 'package.json', '.git' }

---@type vim.lsp.Config
return {
  cmd = suture.options().cmd,
  filetypes = { 'python', 'rust', 'go', 'typescript', 'typescriptreact', 'javascript', 'javascriptreact' },
  -- A file that belongs to no project: its own folder, if that is trusted; else none, and nothing of it is run.
  root_dir = function(buffer, on_dir)
    local folder = vim.fs.dirname(vim.api.nvim_buf_get_name(buffer))
    on_dir(vim.fs.root(buffer, markers) or (suture.is_trusted(folder) and folder or nil))
  end,
  -- Neovim 0.11 pulls diagnostics and lenses, but only after an edit; what is found later (by the slow engines, by fuzzing)
  -- needs this.
  capabilities = {
    workspace = { diagnostics = { refreshSupport = true }, codeLens = { refreshSupport = true } },
    experimental = { suture = { input = true, preview = true } },
  },
  on_exit = vim.schedule_wrap(function(_, _, client)
    progress.forget(client)
  end),
  handlers = {
    ['suture/input'] = suture.input,
    ['workspace/codeLens/refresh'] = lens.refresh,
    ['workspace/diagnostic/refresh'] = suture.refresh_diagnostics,
    ['window/showDocument'] = show.document,
    ['window/showMessage'] = show.message,
    ['workspace/applyEdit'] = show.apply,
  },
  settings = { suture = suture.options().settings },
  before_init = function(params, config)
    local options = config.init_options or {}
    if options.untrustedWorkspace == nil and suture.is_trusted(config.root_dir) then
      options = vim.tbl_extend('force', options, { untrustedWorkspace = false })
    end -- not said: untrusted, unless :Suture trust said so for this folder
    params.initializationOptions = not vim.tbl_isempty(options) and options or nil
  end,
}
