// Lists of topics that live: whatever happens in one of them, the list is asked for again and takes its place.
(() => {
'use strict'
const { one, get, enhance, listen, many, badge } = window.notifer
const box = one('[data-rows-stream]'), rows = box && document.getElementById(box.dataset.rows)
if (!rows) return
let due, busy
async function refresh() {
  due = null
  if (busy) { due = setTimeout(refresh, 300); return }
  busy = true
  const page = await get(location.href).catch(() => null), now = page?.getElementById(rows.id)
  busy = false
  const old = document.getElementById(rows.id)
  if (!now || !old || old.innerHTML === now.innerHTML) return
  const way = x => x.href ?? x.form?.topic?.value, had = old.contains(document.activeElement) && way(document.activeElement)
  old.replaceWith(now)
  enhance(now)
  if (had) [...now.querySelectorAll('a,button')].find(x => way(x) === had)?.focus({ preventScroll: true })
  one('#filter')?.dispatchEvent(new Event('input', { bubbles: true }))
  badge(now.querySelectorAll('[data-unread]').length)
}
const soon = () => { due ??= setTimeout(refresh, 1000) }
const stream = listen(() => box.dataset.rowsStream, { message: soon }, soon)
document.addEventListener('visibilitychange', () => {
  if (document.hidden && !many) stream.close()
  else if (!document.hidden) stream.on ? soon() : stream.connect()
})
setInterval(() => { if (document.hidden && !stream.on) soon() }, 60000)
})()
