-- A person's first minutes in Neovim: what they see, with the time since the editor began, until the first fix is applied.

local began = vim.uv.hrtime()

local function say(step, text)
  io.stdout:write(vim.json.encode({ at = (vim.uv.hrtime() - began) / 1e9, step = step, text = text }) .. '\n')
  io.stdout:flush()
end

vim.notify = function(message)
  say('message', message)
end

local floats = {}
local function look()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      local text = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\n')
      if not floats[text] then
        floats[text] = true
        say('window', text)
      end
    end
  end
end

local function wait(what, check)
  local there = vim.wait(120000, function()
    look()
    return check()
  end, 20)
  if not there then
    say('never', what .. '\n' .. vim.fn.execute('messages'))
    vim.cmd('cquit')
  end
end

local buffer = vim.api.nvim_get_current_buf()
wait('a client', function()
  return vim.lsp.get_clients({ bufnr = buffer, name = 'suture' })[1] ~= nil
end)
say('attached', '')
wait('a diagnostic', function()
  return #vim.diagnostic.get(buffer) > 0
end)
local found = vim.diagnostic.get(buffer)[1]
say('problem', found.message)
vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })

-- gra: the menu is read, and asked for again until what was run is in it
local before, titles = vim.api.nvim_buf_get_lines(buffer, 0, -1, false), {}
vim.ui.select = function(items, options, choose)
  local shown = vim.tbl_map(options.format_item or tostring, items)
  local menu = table.concat(shown, '\n')
  if titles[#titles] ~= menu then
    table.insert(titles, menu)
    say('menu', menu)
  end
  for index, title in ipairs(shown) do
    if title:find('→', 1, true) then
      return choose(items[index], index)
    end
  end
  choose(nil)
end
local asked = 0
wait('a fix that was run', function()
  if vim.uv.now() - asked > 500 and vim.deep_equal(before, vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) then
    asked = vim.uv.now()
    vim.lsp.buf.code_action()
  end
  return not vim.deep_equal(before, vim.api.nvim_buf_get_lines(buffer, 0, -1, false))
end)
say('fixed', table.concat(vim.api.nvim_buf_get_lines(buffer, 0, 5, false), '\n'))
wait('no problem', function()
  return #vim.diagnostic.get(buffer) == 0
end)
say('clean', '')
vim.cmd('qa!')
