-- Played by Neovim 0.11 without a server: every command of the plugin and its completion. Prints what failed, a line each.

vim.opt.runtimepath:prepend(arg[1])
vim.g.suture_autostart = false
vim.g.suture = { cmd = { '/no/such/program', 'serve' } }
vim.cmd('runtime plugin/suture.lua')

local said = {}
vim.notify = function(text)
  table.insert(said, text)
end

for _, name in ipairs(require('suture').names()) do
  local windows = #vim.api.nvim_list_wins()
  local worked, why = pcall(vim.cmd, 'Suture ' .. name)
  if not worked or #vim.api.nvim_list_wins() ~= windows then
    print(('%s: %s'):format(name, worked and 'a window was left' or why))
  end
  local completed, reason = pcall(vim.fn.getcompletion, 'Suture ' .. name .. ' ', 'cmdline')
  if not completed then
    print(('%s <Tab>: %s'):format(name, reason))
  end
end
print(('said: %d'):format(#said))
