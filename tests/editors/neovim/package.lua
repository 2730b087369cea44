-- Played by a real, headless Neovim 0.11 in a package that nobody here wrote: the list of VS Code. Findings of three
-- reviewers, evidence, a repair from the lightbulb, a lens that fuzzes, the test of what it found, a function from a comment
-- that is looked at before it is applied; after each, undo, and the bytes on the disk. Environment: as player.lua;
-- SUTURE_FILE is requests/auth.py.

local player = dofile(vim.env.SUTURE_PLAYER)
local say, wait = player.say, player.wait

---The codes of the diagnostics of a file, once one of them is there.
local function reviewed(buffer, code)
  wait(code, function()
    return #player.problems(buffer, '^' .. code:gsub('%-', '%%-') .. '$') > 0
  end)
  local codes = {}
  for _, each in ipairs(vim.diagnostic.get(buffer)) do
    codes[tostring(each.code)] = true
  end
  return vim.tbl_keys(codes)
end

---Saves the buffer and reads the file as bytes.
local function saved(buffer)
  vim.api.nvim_buf_call(buffer, function()
    vim.cmd('silent write')
  end)
  return player.bytes(vim.api.nvim_buf_get_name(buffer))
end

---Types lines at the end, as one undo step.
local function type_lines(buffer, lines)
  vim.api.nvim_buf_set_lines(buffer, -1, -1, false, lines)
  vim.bo[buffer].undolevels = vim.o.undolevels -- what leaving insert mode does: the step ends here
end

player.play(function(auth)
  local codes = reviewed(auth, 'weak-hash')
  vim.list_extend(codes, reviewed(player.open('requests/cookies.py'), 'membership-in-list'))
  say('reviewed', { codes = codes })

  -- evidence in a floating window
  vim.api.nvim_win_set_cursor(0, { player.problems(0, 'membership')[1].lnum + 1, 0 })
  vim.cmd('Suture evidence')
  wait('a floating window', function()
    return vim.api.nvim_win_get_config(0).relative == 'editor'
  end)
  say('evidence', { text = player.text(0), filetype = vim.bo.filetype })
  vim.api.nvim_feedkeys('q', 'xt', false)
  say('closed', { floating = vim.api.nvim_win_get_config(0).relative })

  -- the lightbulb on a function that was just typed
  local structures = player.open('requests/structures.py')
  type_lines(structures, { '', '', 'def load(text):', '    return json.loads(text)' })
  local typed = saved(structures)
  reviewed(structures, 'undefined-name')
  local shown = player.problems(structures, '^undefined%-name$')[1]
  vim.api.nvim_win_set_cursor(0, { shown.lnum + 1, shown.col })
  local chosen = player.lightbulb(structures, { 'json', '→' })
  local healed = saved(structures)
  wait('no undefined name', function()
    return #player.problems(structures, '^undefined%-name$') == 0
  end)
  vim.cmd('silent undo')
  say('healed', { title = chosen, text = healed, typed = typed, undone = saved(structures) == typed })

  -- the lens above a function, run as a person runs it; what is going on is shown meanwhile
  local utils = player.open('requests/utils.py')
  vim.fn.search('def dotted_netmask')
  vim.lsp.codelens.refresh({ bufnr = utils })
  local function lenses()
    return vim.tbl_map(function(lens)
      return lens.command and lens.command.title or ''
    end, vim.lsp.codelens.get(utils))
  end
  wait('the lens', function()
    return vim.list_contains(lenses(), 'Fuzz dotted_netmask')
  end)
  local progress = ''
  local seen = vim.api.nvim_create_autocmd('LspProgress', {
    callback = vim.schedule_wrap(function()
      progress = progress ~= '' and progress or table.concat(player.floating(), '\n')
    end),
  })
  vim.ui.select = function(lenses, _, choose) -- the person, once there are two
    choose(lenses[1])
  end
  for _ = 1, 6 do -- a search that a busy machine cut short is begun again
    vim.lsp.codelens.run()
    local found = vim.wait(20000, function()
      return #player.problems(utils, '^fuzz%-counterexample$') > 0
    end, 20)
    if found then
      break
    end
  end
  local found = player.problems(utils, '^fuzz%-counterexample$')[1]
  wait('the lens of what was found', function()
    return table.concat(lenses(), '\n'):find('1 counterexample', 1, true)
  end)
  wait('nothing that goes on', function()
    return #player.floating() == 0
  end)
  vim.api.nvim_del_autocmd(seen)
  say('fuzzed', { message = found.message, progress = progress })

  -- the lenses of the function, in a floating window
  vim.cmd('Suture lens')
  wait('the lenses', function()
    return vim.bo.filetype == 'suture-lenses'
  end)
  say('lenses', { text = player.text(0) })
  vim.api.nvim_feedkeys('q', 'xt', false)

  -- the lightbulb keeps what was found as a test
  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
  local name = 'tests/test_fuzz_requests_utils_dotted_netmask.py'
  local keeping = player.lightbulb(utils, { 'regression test' }, function()
    return vim.uv.fs_stat(name) ~= nil and player.bytes(name) ~= '' or vim.fn.bufnr(name) > 0
  end)
  local test = vim.fn.bufnr(name)
  say('kept', { title = keeping, test = test > 0 and player.text(test) or player.bytes(name) })

  -- a function from a comment: declined, then applied, then undone
  local hooks = player.open('requests/hooks.py')
  type_lines(hooks, { '', '', '# slugify("A b!") -> "a-b"', '# slugify("Hello, World") -> "hello-world"' })
  local before = saved(hooks)
  local asked, diff, answer = {}, {}, 2
  vim.fn.confirm = function(question) -- the person at the prompt
    table.insert(asked, question)
    diff = player.floating()
    return answer
  end
  vim.cmd('normal! G')
  vim.cmd('Suture generate')
  wait('the question', function()
    return #asked == 1
  end)
  vim.wait(500, function()
    return vim.bo[hooks].modified
  end, 20)
  say('declined', { unchanged = saved(hooks) == before, diff = table.concat(diff, '\n'), question = asked[1] })
  answer = 1
  vim.cmd('Suture generate')
  wait('the function', function()
    return player.text(hooks):find('def slugify')
  end)
  vim.api.nvim_set_current_buf(hooks)
  local after = saved(hooks)
  vim.cmd('silent undo')
  say('generated', { text = after, undone = saved(hooks) == before })

  -- how things stand
  vim.cmd('Suture')
  wait('the status', function()
    return vim.fn.execute('messages'):find('sandbox: ')
  end)
  say('status', { text = vim.fn.execute('messages') })
  vim.cmd('Suture egress')
  wait('what left the machine', function()
    return vim.api.nvim_win_get_config(0).relative == 'editor'
  end)
  say('egress', { text = player.text(0) })
  say('over')
end)
