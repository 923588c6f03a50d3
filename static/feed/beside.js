// The list of topics beside a feed. The stream speaks of some topics only, so the list is asked for again after a message and
// with each sign of life, while somebody can see it.
(() => {
'use strict'
const { one, get } = window.notifer
let due, busy

function beside() {
  const seen = !document.hidden && one('#topics')?.getClientRects().length
  if (seen) due ??= setTimeout(refresh, 1000)
}
async function refresh() {
  due = null
  if (busy) { beside(); return }
  busy = true
  const now = await get(location.pathname + '?part=beside').then(page => one('.topics', page), () => null)
  busy = false
  const old = one('#topics .topics')
  if (!now || old.innerHTML === now.innerHTML) return
  const had = old.contains(document.activeElement) && document.activeElement.pathname
  old.replaceWith(now)
  if (had) [...now.querySelectorAll('a')].find(a => a.pathname === had)?.focus({ preventScroll: true })
}

window.notifer.beside = beside
})()
