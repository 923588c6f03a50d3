// Pages come from the network; the last ones are kept for when there is none. They are those of one account: signing out, or in to
// another one, leaves none behind. What cannot be kept, as on a full disk, is shown all the same.
const kept = 'notifer pages ' + base + ' ', assets = 'notifer assets ' + base, most = 12

self.addEventListener('fetch', e => {
  const url = new URL(e.request.url)
  if (url.origin !== scope.origin || !url.pathname.startsWith(base)) return
  const path = url.pathname.slice(base.length)
  if (/^(login|register|setup|devices\/join)$/.test(path)) e.waitUntil(forget('')) // another account may begin here
  if (e.request.method !== 'GET') return
  if (e.request.mode === 'navigate' && /^(inbox|topic\/[\w-]+)?$/.test(path)) e.respondWith(url.search ? past(e.request) : page(e))
  else if (e.request.mode === 'navigate' && !/\/export$/.test(path)) e.respondWith(fetch(e.request).catch(offline))
  else if (path.startsWith('static/') && url.searchParams.has('v')) e.respondWith(asset(e))
})
const patience = 6000 // for a network that says nothing, where a kept page can stand in

async function page(e) {
  const { url } = e.request, began = owners, answer = fetch(e.request), copy = () => last(url)
  e.waitUntil(answer.then(reply => note(url, reply.clone(), began)).then(noted => noted && keep(url)).catch(() => {}))
  e.waitUntil(answer.then(async reply => { if (reply.ok && !await caches.match(away)) await keepOffline() }).catch(() => {}))
  const late = new Promise(ok => setTimeout(() => copy().then(had => had && ok(had)), patience))
  try {
    const reply = await Promise.race([answer, late])
    return [502, 503, 504].includes(reply.status) && await copy() || reply // a proxy answers for a server that is away
  } catch {
    return await copy() ?? offline()
  }
}

// last is a page as it was kept. After a month without the server its session may have ended, so nothing is shown then.
async function last(url, how) {
  const had = await caches.match(url, how)
  if (!had || Date.now() - Date.parse(had.headers.get('Date')) < 30 * 86400_000) return had
  await forget('')
}

// past is a page of the past or of a search, which is not kept. Without a network the newest page stands in for it.
async function past(request) {
  try {
    return await fetch(request)
  } catch {
    return await last(request.url, { ignoreSearch: true }) ?? offline()
  }
}

// offline says that the server cannot be reached, and what is kept. It comes with its style and script when the worker does, or
// with the next page, and for nobody.
const away = base + 'devices/offline'
const offline = async () => await caches.match(away) ?? Response.error()
self.addEventListener('install', e => e.waitUntil(keepOffline().catch(() => {})))
async function keepOffline() {
  const reply = await fetch(away, { credentials: 'omit', headers: { Accept: 'text/html' } }), cache = await caches.open(assets)
  if (!reply.ok || reply.redirected) return
  const parts = [...(await reply.clone().text()).matchAll(/(?:href|src)="([^"]*\/static\/[^"]*\.(?:css|js)\?v=[^"]*)"/g)]
  await Promise.all(parts.map(async ([, part]) => {
    if (await cache.match(part)) return
    const got = await fetch(part)
    if (!got.ok) throw new Error(part + ': ' + got.status)
    await keepAsset(part, got)
  }))
  await cache.put(away, reply) // last: where it is, it is whole
}

// Each account has a store. owners counts how often it was another's turn: the answer to what was asked before is not kept.
let owners = 0
async function forget(but) {
  if (!but) owners++
  const gone = (await caches.keys()).filter(name => name.startsWith(kept) && name !== but)
  if (but && gone.length) owners++
  await Promise.all(gone.map(name => caches.delete(name)))
}
self.addEventListener('message', e => { if (e.data === 'forget') e.waitUntil(forget('')) })

// note keeps a page for the account that is signed in, and reports whether it did. A page of nobody's ends what is kept; an error may
// know no account either.
async function note(url, reply, began, whole) {
  const copy = reply.clone(), account = /<html[^>]* data-account="([^"]*)"/.exec(await reply.text())?.[1]
  if (account === undefined || reply.redirected || began !== owners) return false
  if (reply.status === 401 || reply.ok && !account) await forget('')
  if (!reply.ok || !account) return false
  await forget(kept + account)
  began = owners
  const cache = await caches.open(kept + account)
  if (whole || !lately(url) || !await cache.match(url)) await cache.put(url, copy)
  if (began !== owners) await caches.delete(kept + account) // signed out meanwhile
  const pages = await cache.keys()
  await Promise.all(pages.slice(0, -most).map(r => cache.delete(r)))
  return began === owners
}
// keep stores a page with its last 200 messages, at most once in ten seconds. The shorter page that is shown meanwhile does not take
// the place of that one.
const fresh = {}, lately = url => performance.now() - (fresh[url] ?? -Infinity) < 10_000
async function keep(url) {
  if (!/\/(inbox|topic\/[\w-]+)$/.test(url) || lately(url)) return
  fresh[url] = performance.now()
  const began = owners // before the page is asked for: a sign-out meanwhile counts
  await note(url, await fetch(url + '?offline', { headers: { Accept: 'text/html' } }), began, true)
}

async function asset(e) {
  const { url } = e.request, had = await caches.match(url).catch(() => {})
  if (had) return had
  let reply
  try {
    reply = await fetch(e.request)
  } catch {
    return await caches.match(url, { ignoreSearch: true }).catch(() => {}) ?? Response.error() // a kept page may be older
  }
  if (reply.ok) e.waitUntil(keepAsset(url, reply.clone()).catch(() => {}))
  return reply
}
async function keepAsset(url, reply) {
  const cache = await caches.open(assets)
  await cache.delete(url, { ignoreSearch: true }) // as it was before an upgrade
  await cache.put(url, reply)
}
