-- Played by a real, headless Neovim 0.11: what a person does, and what they see, as one line of JSON a step.
-- Environment: as player.lua.

local player = dofile(vim.env.SUTURE_PLAYER)
local say, wait = player.say, player.wait

player.play(function(buffer)
  local function lines()
    return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  end

  local function text()
    return player.text(buffer)
  end

  wait('the diagnostic', function()
    return #vim.diagnostic.get(buffer) > 0
  end)
  local shown = vim.diagnostic.get(buffer)[1]
  say('diagnostic', { count = #vim.diagnostic.get(buffer), message = shown.message, line = shown.lnum, column = shown.col, source = shown.source })

  -- a lens on the function
  local function fuzz_lenses()
    return vim.tbl_filter(function(lens)
      return lens.command and lens.command.command == 'suture.fuzz'
    end, vim.lsp.codelens.get(buffer))
  end
  vim.lsp.codelens.refresh({ bufnr = buffer })
  wait('the lens', function()
    return #fuzz_lenses() > 0
  end)
  say('lens', { title = fuzz_lenses()[1].command.title })

  -- hover
  vim.api.nvim_win_set_cursor(0, { shown.lnum + 1, shown.col })
  local client = vim.lsp.get_clients({ bufnr = buffer, name = 'suture' })[1]
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  local hover = client:request_sync('textDocument/hover', params, 10000, buffer)
  say('hover', { text = hover and hover.result and hover.result.contents.value or '' })

  -- the lightbulb: choose the repair that was run
  local before = text()
  local chosen = player.lightbulb(buffer, { 'json', '→' })
  say('repaired', { title = chosen, lines = lines() })
  wait('no diagnostics', function()
    return #vim.diagnostic.get(buffer) == 0
  end)
  vim.cmd('silent undo')
  say('undone', { same = text() == before })
  vim.cmd('silent redo')

  -- fuzz by command, and see the counterexample
  vim.fn.search('def average')
  vim.cmd('Suture fuzz')
  wait('the counterexample', function()
    return vim.iter(vim.diagnostic.get(buffer)):any(function(each)
      return each.code == 'fuzz-counterexample'
    end)
  end)
  for _, each in ipairs(vim.diagnostic.get(buffer)) do
    say('counterexample', { message = each.message, line = each.lnum })
    vim.api.nvim_win_set_cursor(0, { each.lnum + 1, each.col })
  end

  -- its evidence, as a document
  vim.cmd('Suture evidence')
  wait('the evidence', function()
    return vim.api.nvim_get_current_buf() ~= buffer
  end)
  say('evidence', { text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') })

  -- a regression test for it, in a file of its own
  vim.api.nvim_set_current_buf(buffer)
  vim.cmd('Suture regression-test')
  wait('the regression test', function()
    return vim.iter(vim.api.nvim_list_bufs()):any(function(each)
      return vim.api.nvim_buf_get_name(each):find('test_fuzz_main_average')
    end)
  end)
  for _, each in ipairs(vim.api.nvim_list_bufs()) do
    local name = vim.api.nvim_buf_get_name(each)
    if name:find('test_fuzz_main_average') then
      say('regression', { name = vim.fs.basename(name), text = table.concat(vim.api.nvim_buf_get_lines(each, 0, -1, false), '\n') })
    end
  end

  -- edited, it is stale; mended, it is gone; undone, it is back
  local function counterexamples()
    return vim.iter(vim.diagnostic.get(buffer)):filter(function(each)
      return each.code == 'fuzz-counterexample'
    end):totable()
  end
  local row = counterexamples()[1].lnum
  local failing = lines()[row + 1]
  vim.api.nvim_buf_set_lines(buffer, row, row + 1, false, { '    return sum(numbers) / max(1, len(numbers))' })
  wait('a stale counterexample', function()
    local found = counterexamples()[1]
    return found and vim.startswith(found.message, 'stale: ')
  end)
  say('stale', { severity = counterexamples()[1].severity })
  wait('nothing, as it is mended', function()
    return #counterexamples() == 0
  end)
  vim.api.nvim_buf_set_lines(buffer, row, row + 1, false, { failing })
  wait('the counterexample again', function()
    local found = counterexamples()[1]
    return found and not vim.startswith(found.message, 'stale: ')
  end)

  -- it is expected: documented, and gone
  vim.api.nvim_win_set_cursor(0, { counterexamples()[1].lnum + 1, 4 })
  vim.cmd('Suture expected')
  wait('the documentation', function()
    return text():find(':raises ZeroDivisionError')
  end)
  wait('no counterexample', function()
    return #counterexamples() == 0
  end)
  say('expected', { text = text() })

  -- the other commands
  vim.cmd('Suture review')
  wait('the verdict', function()
    return vim.fn.execute('messages'):find('main.py: ')
  end)
  -- <Tab> offers commands, then what they take
  say('completed', {
    commands = vim.fn.getcompletion('Suture fuzz', 'cmdline'),
    functions = vim.fn.getcompletion('Suture fuzz a', 'cmdline'),
    runs = vim.fn.getcompletion('Suture run ', 'cmdline'),
    nothing = vim.fn.getcompletion('Suture review ', 'cmdline'),
  })

  -- where there is no browser, the dashboard's address is said; records are checked; nothing is going on
  vim.ui.open = function()
    return nil, 'no program'
  end
  vim.cmd('Suture dashboard')
  wait('the address', function()
    return vim.fn.execute('messages'):find('http://127.0.0.1:')
  end)
  vim.cmd('Suture verify')
  wait('the check of the records', function()
    return vim.fn.execute('messages'):find('nothing is recorded yet')
  end)
  vim.cmd('Suture cancel')

  -- a selection: what is to change is asked for
  local asked
  vim.fn.input = function(question)
    asked = question.prompt
    return ''
  end
  local top = vim.fn.search('def average')
  vim.cmd(('%d,%dSuture generate'):format(top, top + 1))
  wait('the question', function()
    return asked
  end)
  say('asked', { prompt = asked })

  vim.cmd('Suture nonsense')
  say('messages', { text = vim.fn.execute('messages') })
  local old = client.id
  vim.cmd('Suture restart')
  wait('another client', function()
    local now = vim.lsp.get_clients({ bufnr = buffer, name = 'suture' })[1]
    return now and now.id ~= old and now.initialized
  end)
  say('restarted')

  vim.cmd('checkhealth suture')
  say('health', { text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') })
end)
