-- What :Suture does: turns the cursor's place into the arguments of the server's commands.
--
-- Invariant: this plugin decides nothing about code, and starts nothing but the server and `suture doctor`.

local lens = require('suture.lens')
local progress = require('suture.progress')

local M = {}

---@class suture.Options
---@field cmd string[] the server and its arguments
---@field settings table the `suture.*` settings, over [tool.suture] of pyproject.toml
---@field trust string[]|fun(root: string): boolean folders (with everything below them) whose code may run in the sandbox
---@field lenses boolean refresh code lenses by itself
---@field progress boolean show what the server is doing, in a window at the bottom right
---@field preview 'generated'|'always'|'never' which edits are shown as a diff, with a question, before they are made
---@field evidence 'float'|'window' where evidence is shown

---@return suture.Options
function M.options()
  return vim.tbl_deep_extend('force', {
    cmd = { 'suture', 'serve', '--stdio' },
    settings = vim.empty_dict(),
    trust = {},
    lenses = true,
    progress = true,
    preview = 'generated',
    evidence = 'float',
  }, vim.g.suture or {})
end

---Whether the person said that code of this folder may run (in the sandbox). No folder: no.
---@param root string?
---@return boolean
function M.is_trusted(root)
  if not root then
    return false
  end
  local trust = M.options().trust
  if type(trust) == 'function' then
    return trust(root) == true
  end
  local real = vim.uv.fs_realpath(root) or root
  for _, folder in ipairs(trust) do
    local expanded = vim.fs.normalize(folder)
    expanded = vim.uv.fs_realpath(expanded) or expanded
    if real == expanded or vim.startswith(real, expanded .. '/') then
      return true
    end
  end
  return false
end

---@param buffer integer?
---@return vim.lsp.Client?
function M.client(buffer)
  local client = vim.lsp.get_clients({ bufnr = buffer or 0, name = 'suture' })[1]
  if not client then
    vim.notify('Suture is not attached to this buffer; see :checkhealth suture', vim.log.levels.WARN)
  end
  return client
end

---@param command string
---@param argument table?
---@param done fun(result: table)?
local function run(command, argument, done)
  local client = M.client()
  if not client then
    return
  end
  if argument and vim.tbl_isempty(argument) then
    argument = vim.empty_dict() -- an empty table would be sent as a list
  end
  client:request('workspace/executeCommand', { command = command, arguments = { argument } }, function(err, result)
    if err then
      vim.notify('Suture: ' .. err.message, vim.log.levels.WARN)
    elseif done and type(result) == 'table' then
      done(result)
    end
  end)
end

local function uri()
  return vim.uri_from_bufnr(0)
end

local function row()
  return vim.api.nvim_win_get_cursor(0)[1] - 1
end

---The id of a diagnostic of Suture's on the cursor's line.
---@return string?
local function problem()
  for _, each in ipairs(vim.diagnostic.get(0, { lnum = row() })) do
    local lsp = each.user_data and each.user_data.lsp
    if each.source == 'suture' and lsp and lsp.data and lsp.data.id then
      return lsp.data.id
    end
  end
  vim.notify('Suture reports nothing on this line', vim.log.levels.WARN)
end

---The id of a counterexample on the cursor's line.
---@return string?
local function counterexample()
  for _, each in ipairs(vim.diagnostic.get(0, { lnum = row() })) do
    local lsp = each.user_data and each.user_data.lsp
    if each.code == 'fuzz-counterexample' and lsp and lsp.data and lsp.data.id then
      return lsp.data.id
    end
  end
  vim.notify('Suture: there is no counterexample on this line', vim.log.levels.WARN)
end

---Runs a command on the function that the cursor is in, by the server's own lenses, or on the named one.
---@param command string
---@param name string?
---@param more table?
local function on_function(command, name, more)
  if name then
    return run(command, vim.tbl_extend('force', { uri = uri(), name = name }, more or {}))
  end
  local client = M.client()
  if not client then
    return
  end
  lens.at_cursor(client, 'suture.fuzz', function(argument)
    if argument then
      run(command, vim.tbl_extend('force', argument, more or {}))
    else
      vim.notify('Suture: the cursor is in no function that can be fuzzed', vim.log.levels.WARN)
    end
  end)
end

---@type table<string, fun(words: string[], lines: integer[]?)>
M.commands = {
  fuzz = function(words)
    on_function('suture.fuzz', words[1])
  end,
  compare = function(words)
    on_function('suture.fuzz', words[1], { base = 'HEAD' })
  end,
  ['fuzz-workspace'] = function()
    run('suture.fuzzWorkspace', {})
  end,
  ['property-tests'] = function(words)
    on_function('suture.writePropertyTests', words[1])
  end,
  ['regression-test'] = function()
    local id = counterexample()
    if id then
      run('suture.keepRegressionTest', { id = id })
    end
  end,
  expected = function()
    local id = counterexample()
    if id then
      run('suture.expect', { uri = uri(), id = id })
    end
  end,
  ['forget-expected'] = function(words)
    on_function('suture.forgetExpected', words[1])
  end,
  recheck = function()
    run('suture.recheck', { uri = uri() })
  end,
  ['fuzz-file'] = function()
    run('suture.fuzzFile', { uri = uri() })
  end,
  generate = function(words, lines)
    local what = { uri = uri(), line = lines and lines[1] or row(), end_line = lines and lines[2] }
    if lines and #words > 0 then
      what.instruction = table.concat(words, ' ')
    end
    run('suture.generate', what)
  end,
  heal = function(words)
    if #words > 0 then
      local client = M.client()
      return client and run('suture.healCommand', { root = client.root_dir, command = words })
    end
    local id = problem()
    if id then
      run('suture.heal', { uri = uri(), id = id })
    end
  end,
  run = function(words)
    M.run(words)
  end,
  ['heal-all'] = function()
    run('suture.healAll', {})
  end,
  ['heal-traceback'] = function(words)
    M.heal_traceback(words[1])
  end,
  ['heal-history'] = function()
    run('suture.heal.history', {})
  end,
  watch = function(words)
    run(words[1] == 'stop' and 'suture.watch.stop' or 'suture.watch.start', {})
  end,
  review = function()
    run('suture.review', { uri = uri() })
  end,
  ['review-change'] = function(words)
    run('suture.reviewChange', { uri = uri(), revision = words[1] or 'HEAD' })
  end,
  ['measure-growth'] = function(words)
    on_function('suture.measure.growth', words[1])
  end,
  dismiss = function()
    local id = problem()
    if id then
      run('suture.dismiss', { uri = uri(), id = id })
    end
  end,
  ['restore-dismissed'] = function()
    run('suture.restoreDismissed', { uri = uri() })
  end,
  evidence = function()
    local id = problem()
    if id then
      run('suture.showEvidence', { id = id })
    end
  end,
  status = function()
    run('suture.status', { uri = uri() }, function(now)
      local lines = {
        'Suture ' .. now.version .. (now.trusted and ', trusted' or ', not trusted: nothing of the folder is run'),
        'sandbox: ' .. (now.sandbox.name ~= '' and now.sandbox.name or 'none: ' .. now.sandbox.reason),
        'model: ' .. (now.model.name ~= '' and now.model.name or 'none: nothing is sent anywhere'),
        ('today: $%.2f of $%.2f, %d requests sent'):format(now.spent_today_usd, now.day_usd, now.sent_today),
      }
      vim.notify(table.concat(lines, '\n'))
    end)
  end,
  egress = function()
    run('suture.egress', { uri = uri() })
  end,
  health = function()
    run('suture.health', { uri = uri() })
  end,
  dashboard = function()
    run('suture.dashboard', { uri = uri() })
  end,
  proposals = function()
    run('suture.proposals', { uri = uri() })
  end,
  approve = function(words)
    run('suture.approve', { uri = uri(), id = words[1], deploy = true })
  end,
  reject = function(words)
    if #words < 2 then
      return vim.notify('Suture: a rejection needs a reason: :Suture reject {id} {reason}', vim.log.levels.WARN)
    end
    run('suture.reject', { uri = uri(), id = words[1], reason = table.concat(words, ' ', 2) })
  end,
  deploy = function(words)
    run('suture.deploy', { uri = uri(), id = words[1] })
  end,
  audit = function()
    run('suture.audit', { uri = uri() })
  end,
  verify = function()
    run('suture.verify', { uri = uri() })
  end,
  lens = function()
    local client = M.client()
    return client and lens.choose(client)
  end,
  cancel = function()
    if progress.cancel() == 0 then
      vim.notify('Suture is doing nothing that could be stopped')
    end
  end,
  insights = function()
    run('suture.insights', { uri = uri() })
  end,
  trust = function()
    run('suture.trustWorkspace')
  end,
  doctor = function()
    local program = M.options().cmd[1]
    if vim.fn.executable(program) == 0 then
      return vim.notify(('Suture: there is no program %s; see :checkhealth suture'):format(program), vim.log.levels.WARN)
    end
    vim.cmd('botright new')
    vim.fn.jobstart({ program, 'doctor' }, { term = true })
  end,
  restart = function()
    for _, client in ipairs(vim.lsp.get_clients({ name = 'suture' })) do
      local buffers = vim.tbl_keys(client.attached_buffers)
      local config = client.config
      client:stop()
      vim.wait(3000, function()
        return client:is_stopped()
      end, 20)
      for _, buffer in ipairs(buffers) do
        vim.lsp.start(config, { bufnr = buffer })
      end
    end
  end,
  log = function()
    vim.cmd.edit(vim.lsp.log.get_filename())
  end,
}

---`run file`, `run tests` (of the file), `run test` (under the cursor), `run all`, `run output`, else a task's name or any command
---@param words string[]
function M.run(words)
  local what = words[1] or 'file'
  if what == 'file' then
    run('suture.run.file', { uri = uri() })
  elseif what == 'tests' then
    run('suture.run.tests', { uri = uri() })
  elseif what == 'all' then
    run('suture.run.tests', {})
  elseif what == 'output' then
    run('suture.run.output', {})
  elseif what == 'test' then
    M.run_test()
  else
    run('suture.run.task', { uri = uri(), command = words })
  end
end

---Runs the test that the cursor is in, by the server's own lenses.
function M.run_test()
  local client = M.client()
  if not client then
    return
  end
  lens.at_cursor(client, 'suture.run.tests', function(argument)
    if argument then
      run('suture.run.tests', argument)
    else
      vim.notify('Suture: the cursor is in no test', vim.log.levels.WARN)
    end
  end)
end

---The faults of a traceback in a register ("+ if none is named) become diagnostics with repairs.
---@param register string?
function M.heal_traceback(register)
  local text = vim.fn.getreg(register or '+')
  if vim.trim(text) == '' then
    text = vim.fn.getreg('"')
  end
  if vim.trim(text) == '' then
    vim.notify('Suture: yank or copy the traceback first', vim.log.levels.WARN)
  else
    run('suture.healTraceback', { uri = uri(), text = text })
  end
end

---@param line string the words after :Suture
---@param lines integer[]? the first and the last line of the range, from 0, if one was given
function M.command(line, lines)
  local words = vim.split(vim.trim(line), '%s+', { trimempty = true })
  local name = table.remove(words, 1) or 'status'
  local action = M.commands[name]
  if action then
    action(words, lines)
  else
    vim.notify('Suture knows ' .. table.concat(M.names(), ', '), vim.log.levels.WARN)
  end
end

---@return string[]
function M.names()
  local names = vim.tbl_keys(M.commands)
  table.sort(names)
  return names
end

---The server has news: pull again for every buffer it is attached to.
function M.refresh_diagnostics(_, _, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  for buffer in pairs(client and client.attached_buffers or {}) do
    local params = { textDocument = vim.lsp.util.make_text_document_params(buffer) }
    client:request('textDocument/diagnostic', params, nil, buffer)
  end
  return vim.NIL
end

---`suture/input`: the server asks for a line of text.
function M.input(_, params)
  local given = vim.fn.input({ prompt = (params.prompt or params.title or 'Suture') .. ' ', cancelreturn = '' })
  return { value = given }
end

return M
