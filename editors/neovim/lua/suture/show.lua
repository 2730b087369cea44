-- What is shown in floating windows: evidence, and a proposal before it is applied.
--
-- Invariant: a proposal is applied after a "yes" only, and what is shown is what is applied.

local M = {}

---A window over the others; `q` and <Esc> close it.
---@param lines string[]
---@param title string
---@param filetype string
---@param enter boolean
---@return integer window
function M.float(lines, title, filetype, enter)
  local longest = vim.fn.strdisplaywidth(title) + 4
  for _, line in ipairs(lines) do
    longest = math.max(longest, vim.fn.strdisplaywidth(line) + 1)
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].filetype = filetype
  local width = math.min(100, longest, math.max(20, vim.o.columns - 8))
  local height = math.max(1, math.min(#lines, vim.o.lines - 6))
  local window = vim.api.nvim_open_win(buffer, enter, {
    relative = 'editor',
    width = width,
    height = height,
    row = math.max(0, math.floor((vim.o.lines - height) / 2) - 1),
    col = math.max(0, math.floor((vim.o.columns - width) / 2)),
    border = 'rounded',
    style = 'minimal',
    title = ' ' .. vim.fn.strcharpart(title, 0, width - 4) .. ' ',
  })
  vim.wo[window].wrap = filetype ~= 'diff'
  vim.wo[window].conceallevel = 2
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, '<Cmd>close<CR>', { buffer = buffer, nowait = true })
  end
  return window
end

---How long a program that opens addresses may take to fail (milliseconds); one that goes on is a browser.
local OPENED_MS = 1500

---Opens an address in the browser. Where there is none, says the address.
---@param address string
local function browse(address)
  local program = vim.ui.open(address)
  if program then
    vim.wait(OPENED_MS, function()
      return program:is_closing()
    end, 20)
    if not program:is_closing() or program:wait(100).code == 0 then
      return
    end
  end
  vim.notify('Suture: no browser could be opened here; the address is (it holds a key: keep it to yourself)\n' .. address)
end

---`window/showDocument`: evidence in a floating window, anything else as Neovim does it.
function M.document(err, params, context, config)
  if params.external then
    browse(params.uri)
    return { success = true }
  end
  local path = vim.startswith(params.uri, 'file:') and vim.uri_to_fname(params.uri) or ''
  if not path:find('/evidence/', 1, true) or not path:find('%.md$') or require('suture').options().evidence ~= 'float' then
    return vim.lsp.handlers['window/showDocument'](err, params, context, config)
  end
  local read, lines = pcall(vim.fn.readfile, path)
  if not read then
    return { success = false }
  end
  M.float(lines, (lines[1] or ''):gsub('^#%s*', ''), 'markdown', true)
  return { success = true }
end

---The text of a document after text edits that do not overlap.
---@param buffer integer
---@param edits lsp.TextEdit[]
---@param encoding string
---@return string before, string after
local function changed(buffer, edits, encoding)
  local before = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  local scratch = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(scratch, 0, -1, false, before)
  vim.lsp.util.apply_text_edits(edits, scratch, encoding)
  local after = vim.api.nvim_buf_get_lines(scratch, 0, -1, false)
  vim.api.nvim_buf_delete(scratch, { force = true })
  return table.concat(before, '\n') .. '\n', table.concat(after, '\n') .. '\n'
end

---A workspace edit as one diff.
---@param edit lsp.WorkspaceEdit
---@param encoding string
---@return string[]
function M.diff(edit, encoding)
  local lines = {}
  local changes = edit.documentChanges or {}
  for uri, edits in pairs(edit.changes or {}) do
    table.insert(changes, { textDocument = { uri = uri }, edits = edits })
  end
  for _, change in ipairs(changes) do
    if change.textDocument then
      local path = vim.uri_to_fname(change.textDocument.uri)
      local name = vim.fn.fnamemodify(path, ':.')
      local known = vim.fn.filereadable(path) == 1 or vim.fn.bufloaded(path) == 1
      local before, after = '', ''
      if known then
        local buffer = vim.fn.bufadd(path)
        vim.fn.bufload(buffer)
        before, after = changed(buffer, change.edits, encoding)
      else
        for _, each in ipairs(change.edits) do
          after = after .. each.newText
        end
      end
      vim.list_extend(lines, { '--- ' .. (known and name or '/dev/null'), '+++ ' .. name })
      vim.list_extend(lines, vim.split(vim.diff(before, after, { ctxlen = 3 }) --[[@as string]], '\n', { trimempty = true }))
    end
  end
  return lines
end

---`window/showMessage`: as it was said, without the name of the protocol before it.
function M.message(_, params)
  local levels = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.INFO }
  vim.notify(params.message, levels[params.type] or vim.log.levels.INFO)
end

---`workspace/applyEdit`: generated code is shown as a diff first, with a question.
function M.apply(err, params, context, config)
  local about, when = params.suture or {}, require('suture').options().preview
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client and (when == 'always' or (when == 'generated' and about.kind == 'generated')) then
    local title = params.label or 'Suture'
    local window = M.float(M.diff(params.edit, client.offset_encoding), title, 'diff', false)
    vim.cmd.redraw()
    local answer = vim.fn.confirm(title, '&Apply\n&Discard', 1)
    if vim.api.nvim_win_is_valid(window) then
      vim.api.nvim_win_close(window, true)
    end
    if answer ~= 1 then
      return { applied = false, failureReason = 'declined' }
    end
  end
  return vim.lsp.handlers['workspace/applyEdit'](err, params, context, config)
end

return M
