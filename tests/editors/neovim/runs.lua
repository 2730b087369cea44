-- Played by a real, headless Neovim 0.11: a red test, its repair from the lightbulb, the test green; as one line of JSON a
-- step. Environment: as player.lua; SUTURE_FILE is the module, its test is test_shop.py beside it.

local player = dofile(vim.env.SUTURE_PLAYER)
local say, wait = player.say, player.wait

player.play(function(buffer)
  local function failures()
    return vim.tbl_filter(function(each)
      return tostring(each.code):find('/') ~= nil
    end, vim.diagnostic.get(nil))
  end

  local function text()
    return player.text(buffer)
  end

  -- run the tests of the module, and see what failed at its line
  vim.cmd('Suture run tests')
  wait('a failure', function()
    return #failures() > 0
  end)
  local shown = failures()[1]
  say('red', { count = #failures(), message = shown.message, line = shown.lnum, code = shown.code })

  -- the lightbulb: choose what was run
  vim.api.nvim_win_set_cursor(0, { shown.lnum + 1, shown.col })
  local chosen = player.lightbulb(buffer, { '→ 0 failed' })
  say('healed', { title = chosen, text = text() })

  -- and the test is green
  vim.cmd('Suture run all')
  wait('a green run', function()
    return vim.fn.execute('messages'):find('0 failed') or vim.fn.execute('messages'):find(': 1 passed')
  end)
  say('green', { count = #failures() })

  -- a traceback from elsewhere, of the text as it was
  vim.cmd('silent undo')
  vim.fn.setreg('a', vim.env.SUTURE_TRACEBACK)
  vim.cmd('Suture heal-traceback a')
  wait('the fault of the traceback', function()
    return #failures() > 0
  end)
  say('traceback', { line = failures()[1].lnum, message = failures()[1].message })

  -- watch: a save runs the affected tests
  vim.cmd('Suture watch')
  vim.cmd('silent redo')
  vim.cmd('silent write')
  wait('nothing that fails', function()
    return #failures() == 0
  end)
  vim.api.nvim_buf_set_lines(buffer, -1, -1, false, { 'raise RuntimeError("no")' })
  vim.cmd('silent write')
  wait('the failure of what was saved', function()
    return #failures() > 0
  end)
  say('watched', { message = failures()[1].message })
  vim.cmd('Suture watch stop')
  vim.cmd('Suture run no-such-program')
  wait('the reason', function()
    return vim.fn.execute('messages'):find('command not found')
  end)
  say('messages', { text = vim.fn.execute('messages') })
end)
