// The page that stands for others while the server cannot be reached: it lists what is kept, and gives way to the page that was asked for.
(() => {
'use strict'
const { base, one, make } = window.notifer
const list = one('[data-kept]'), names = { '/': 'Topics', '/inbox': 'Inbox' }

async function kept() {
  const stores = (await caches.keys()).filter(name => name.startsWith(`notifer pages ${base}/ `))
  const pages = await Promise.all(stores.map(async name => (await caches.open(name)).keys()))
  const paths = pages.flat().map(r => new URL(r.url).pathname).filter(path => path !== location.pathname).reverse()
  for (const path of paths) {
    const rest = path.slice(base.length), a = Object.assign(make('a', names[rest] ?? rest.split('/').at(-1)), { href: path })
    one('ul', list).append(make('li', a))
  }
  list.hidden = !paths.length
}
kept().catch(() => {})

// At its own address it would only give way to itself.
const again = () => location.pathname === base + '/devices/offline' ? location.replace(base + '/') : location.reload()
let pause = 1000, leaving // by a link, which a reload would undo
addEventListener('beforeunload', () => { leaving = true })
async function look() {
  const up = !document.hidden && await fetch(base + '/healthz', { cache: 'no-store', signal: AbortSignal.timeout(10000) }).then(r => r.ok, () => false)
  if (leaving) return
  if (up) return again()
  pause = Math.min(pause * 2, 30000)
  setTimeout(look, pause)
}
setTimeout(look, pause)
addEventListener('online', again)
one('[data-again]').onclick = again
})()
