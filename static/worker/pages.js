// Pages come from the network; the last ones are kept for when there is none, until one signs out.
const store = 'pages-1', most = 12

self.addEventListener('fetch', e => {
  const url = new URL(e.request.url)
  if (e.request.method !== 'GET' || url.origin !== scope.origin || !url.pathname.startsWith(base)) return
  const path = url.pathname.slice(base.length)
  if (e.request.mode === 'navigate' && /^(inbox|topic\/[\w-]+)?$/.test(path)) e.respondWith(url.search ? past(e.request) : page(e))
  else if (path.startsWith('static/') && url.searchParams.has('v')) e.respondWith(asset(e))
  else if (path === 'login') e.waitUntil(caches.delete(store))
})
async function page(e) {
  const cache = await caches.open(store)
  try {
    const reply = await fetch(e.request)
    if (reply.status === 401) await caches.delete(store) // the session was ended elsewhere
    if (reply.ok && !reply.redirected) {
      if (!lately(e.request.url) || !await cache.match(e.request.url)) await cache.put(e.request.url, reply.clone())
      const kept = (await cache.keys()).filter(r => !r.url.includes('/static/'))
      await Promise.all(kept.slice(0, -most).map(r => cache.delete(r)))
      e.waitUntil(keep(e.request.url).catch(() => {}))
    }
    return reply
  } catch (err) {
    const had = await cache.match(e.request.url) ?? await cache.match(scope.href + 'inbox') ?? await cache.match(scope.href)
    if (had) return had
    throw err
  }
}
// past is a page of the past or of a search, which is not kept. Without a network the newest page stands in for it.
async function past(request) {
  try {
    return await fetch(request)
  } catch (err) {
    const had = await (await caches.open(store)).match(request.url, { ignoreSearch: true })
    if (had) return had
    throw err
  }
}
// keep stores a page with its last 200 messages, at most once in ten seconds. The shorter page that is shown meanwhile does not take
// the place of that one.
const fresh = {}, lately = url => Date.now() - (fresh[url] ?? 0) < 10_000
async function keep(url) {
  if (!/\/(inbox|topic\/[\w-]+)$/.test(url) || lately(url)) return
  fresh[url] = Date.now()
  const cache = await caches.open(store) // before the page is asked for: a sign-out meanwhile deletes this one
  const reply = await fetch(url + '?offline', { headers: { Accept: 'text/html' } })
  if (reply.ok && !reply.redirected) await cache.put(url, reply)
}
async function asset(e) {
  const had = await caches.match(e.request.url)
  if (had) return had
  let reply
  try {
    reply = await fetch(e.request)
  } catch {
    return await caches.match(e.request.url, { ignoreSearch: true }) ?? Response.error() // a kept page may be older
  }
  if (reply.ok) {
    const cache = await caches.open(store)
    await cache.delete(e.request.url, { ignoreSearch: true }) // as it was before an upgrade
    await cache.put(e.request.url, reply.clone())
  }
  return reply
}
