-- Played by a real, headless Neovim 0.11: a red test, its repair from the lightbulb, the test green; as one line of JSON a
-- step. Environment: as neovim.lua; SUTURE_FILE is the module, its test is test_shop.py beside it.

local function say(step, fields)
  io.stdout:write(vim.json.encode(vim.tbl_extend('force', { step = step }, fields or {})) .. '\n')
  io.stdout:flush()
end

local function finish()
  vim.cmd('qa!')
end

local function main()
  vim.opt.swapfile = false
  vim.g.suture = { cmd = { vim.env.SUTURE_BIN, 'serve', '--stdio' }, trust = { vim.env.SUTURE_ROOT } }
  vim.opt.runtimepath:prepend(vim.env.SUTURE_PLUGIN)
  vim.cmd('runtime! plugin/suture.lua')
  vim.cmd('filetype on')
  vim.cmd('edit ' .. vim.fn.fnameescape(vim.env.SUTURE_FILE))
  local buffer = vim.api.nvim_get_current_buf()

  local function wait(what, check)
    if not vim.wait(90000, check, 50) then
      say('failed', { waiting_for = what, messages = vim.fn.execute('messages') })
      finish()
    end
  end

  local function failures()
    return vim.tbl_filter(function(each)
      return tostring(each.code):find('/') ~= nil
    end, vim.diagnostic.get(nil))
  end

  local function text()
    return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
  end

  wait('a client', function()
    local client = vim.lsp.get_clients({ bufnr = buffer, name = 'suture' })[1]
    return client and client.initialized
  end)

  -- run the tests of the module, and see what failed at its line
  vim.cmd('Suture run tests')
  wait('a failure', function()
    return #failures() > 0
  end)
  local shown = failures()[1]
  say('red', { count = #failures(), message = shown.message, line = shown.lnum, code = shown.code })

  -- the lightbulb: choose what was run
  vim.api.nvim_win_set_cursor(0, { shown.lnum + 1, shown.col })
  local before, chosen = text(), nil
  local deadline = vim.uv.now() + 90000
  while text() == before and vim.uv.now() < deadline do
    vim.lsp.buf.code_action({
      apply = true,
      filter = function(action)
        if action.title:find('→ 0 failed') then
          chosen = chosen or action.title
          return action.title == chosen
        end
        return false
      end,
    })
    vim.wait(1000, function()
      return text() ~= before
    end, 20)
  end
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
  finish()
end

local ok, problem = xpcall(main, debug.traceback)
if not ok then
  say('failed', { error = problem })
  finish()
end
