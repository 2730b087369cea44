-- Played by a real, headless Neovim 0.11 in a package that nobody here wrote: findings of three reviewers, a lens that
-- fuzzes, a function from a comment that is looked at before it is applied. Environment: as player.lua; SUTURE_FILE is
-- requests/auth.py.

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

  -- the lens above a function, run as a person runs it
  local utils = player.open('requests/utils.py')
  vim.fn.search('def dotted_netmask')
  vim.lsp.codelens.refresh({ bufnr = utils })
  wait('the lens', function()
    return vim.iter(vim.lsp.codelens.get(utils)):any(function(lens)
      return lens.command and lens.command.title == 'Fuzz dotted_netmask'
    end)
  end)
  for _ = 1, 6 do -- a search that a busy machine cut short is begun again
    vim.lsp.codelens.run()
    local found = vim.wait(20000, function()
      return #player.problems(utils, '^fuzz%-counterexample$') > 0
    end, 20)
    if found then
      break
    end
  end
  say('fuzzed', { message = player.problems(utils, '^fuzz%-counterexample$')[1].message })

  -- a function from a comment: declined, then applied, then undone
  local hooks = player.open('requests/hooks.py')
  vim.api.nvim_buf_set_lines(hooks, -1, -1, false, { '', '', '# slugify("A b!") -> "a-b"', '# slugify("Hello, World") -> "hello-world"' })
  local before = player.text(hooks)
  local asked, shown, answer = {}, {}, 2
  vim.fn.confirm = function(question) -- the person at the prompt
    table.insert(asked, question)
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative == 'editor' then
        shown = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
      end
    end
    return answer
  end
  vim.cmd('normal! G')
  vim.cmd('Suture generate')
  wait('the question', function()
    return #asked == 1
  end)
  vim.wait(500, function()
    return player.text(hooks) ~= before
  end, 20)
  say('declined', { unchanged = player.text(hooks) == before, diff = table.concat(shown, '\n'), question = asked[1] })
  answer = 1
  vim.cmd('Suture generate')
  wait('the function', function()
    return player.text(hooks):find('def slugify')
  end)
  local after = player.text(hooks)
  vim.api.nvim_set_current_buf(hooks)
  vim.cmd('silent undo')
  say('generated', { text = after, undone = player.text(hooks) == before })

  -- how things stand
  vim.cmd('Suture status')
  wait('the status', function()
    return vim.fn.execute('messages'):find('sandbox: ')
  end)
  say('status', { text = vim.fn.execute('messages') })
  vim.cmd('Suture egress')
  wait('what left the machine', function()
    return vim.api.nvim_win_get_config(0).relative == 'editor'
  end)
  say('egress', { text = player.text(0) })
end)
