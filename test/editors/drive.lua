-- Neovim drives `headroom lsp`: opens a file, waits for the finding, applies the fix, waits until it is gone.
local function wait(what, condition)
  if not vim.wait(60000, condition, 20) then error('waited in vain for ' .. what) end
end
local diagnostics = function() return vim.diagnostic.get(0) end
vim.cmd('edit pod.yaml')
wait('the finding', function() return #diagnostics() > 0 end)
local result = { found = vim.tbl_map(function(d) return { d.code, d.lnum, d.message } end, diagnostics()) }

local at = diagnostics()[1]
local request = function(method, params)
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 60000)) do
    if answer.error then error(vim.inspect(answer.error)) end
    return answer.result
  end
end
local position = { line = at.lnum, character = at.col }
local document = { uri = vim.uri_from_bufnr(0) }
result.hover = request('textDocument/hover', { textDocument = document, position = position }).contents
local action = request('textDocument/codeAction', {
  textDocument = document,
  range = { start = position, ['end'] = position },
  context = { diagnostics = { at.user_data.lsp } },
})[1]
result.action = action.title
if not action.edit then action = request('codeAction/resolve', action) end
vim.lsp.util.apply_workspace_edit(action.edit, 'utf-16')
result.text = vim.api.nvim_buf_get_lines(0, 0, -1, false)
wait('the finding to go', function() return #diagnostics() == 0 end)
io.stdout:write(vim.json and vim.json.encode(result) or vim.fn.json_encode(result))
vim.cmd('qall!')
