// The worker shows what is pushed, opens it when it is pressed, and keeps the last pages readable without a network.
'use strict'
const scope = new URL(self.registration.scope), base = scope.pathname
const store = 'pages-1', most = 12

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', e => e.waitUntil(self.clients.claim()))

// Notifications are shown and listed one after the other: Chromium forgets one that is listed while it is being shown.
let turn = Promise.resolve()
const inTurn = work => turn = turn.then(work, work)
const listed = filter => inTurn(() => self.registration.getNotifications(filter))

self.addEventListener('push', e => e.waitUntil(show(e.data)))
async function show(sent) {
  let n
  try { n = sent.json().notification } catch {}
  if (!n?.title) n = { title: 'Notifer', body: sent?.text() ?? '' }
  const urgent = n.data?.priority === 5
  // A message that takes the place of another one, by their key, is news; the same message again, as after a crash, is not.
  const news = (await listed({ tag: n.tag })).some(old => old.data?.id !== n.data?.id)
  for (const c of await self.clients.matchAll({ includeUncontrolled: true })) c.postMessage({ pushed: n.tag, notification: n })
  // Every push shows something: a browser withdraws the permission of a site that pushes in silence.
  await inTurn(() => self.registration.showNotification(n.title, {
    body: n.body, tag: n.tag, silent: !!n.silent, requireInteraction: !!n.requireInteraction, timestamp: n.timestamp,
    icon: base + 'static/icon-192.png', badge: base + 'static/badge.png', data: { ...n.data, navigate: n.navigate, buttons: n.actions },
    actions: n.actions?.slice(0, self.Notification.maxActions ?? 0),
    ...(urgent && !n.silent && { vibrate: [300, 150, 300, 150, 300] }), renotify: !!n.tag && !n.silent && news
  }))
  await tidy([]).catch(() => {})
  if (n.data?.topic && await caches.match(base + 'topic/' + n.data.topic)) await keep(new URL('topic/' + n.data.topic, scope).href).catch(() => {})
  await count()
}

// count shows on the icon of the app how many notifications are open.
async function count() {
  const all = await listed()
  await self.navigator.setAppBadge?.(all.length).catch(() => {})
}

// tidy says what was opened or dismissed here, and closes what was read on another device. A push that only closes would show
// nothing, which browsers punish, so this happens with the next push and on open pages.
async function tidy(seen) {
  try {
    const all = (await listed()).filter(n => n.data?.id)
    if (!seen.length && !all.length) return
    const reply = await fetch(base + 'devices/read', { method: 'POST', body: new URLSearchParams({ seen, shown: all.map(n => n.data.id) }) })
    if (!reply.ok) return
    const { close } = await reply.json()
    all.filter(n => close.includes(n.data.id)).forEach(n => n.close())
  } finally {
    await count() // also without a network, and for what the page has closed
  }
}
self.addEventListener('notificationclose', e => {
  if (e.notification.data?.id) e.waitUntil(tidy([e.notification.data.id]).catch(() => {}))
})
self.addEventListener('message', e => { if (e.data === 'tidy') e.waitUntil(tidy([]).catch(() => {})) })

self.addEventListener('notificationclick', e => {
  e.notification.close()
  const { id, navigate, buttons } = e.notification.data ?? {}
  if (id) e.waitUntil(tidy([id]).catch(() => {}))
  const link = e.action && buttons?.find(b => b.action === e.action)?.navigate
  if (link) return /^https?:/.test(link) && e.waitUntil(self.clients.openWindow(link))
  e.waitUntil(open(new URL(navigate || base, scope)))
})
// open shows a page in the window that shows it already, else in a new one: another page may hold a text that is being written.
async function open(url) {
  if (url.origin !== scope.origin) return self.clients.openWindow(base)
  for (const c of await self.clients.matchAll({ type: 'window' })) {
    if (new URL(c.url).pathname !== url.pathname) continue
    try {
      await c.focus()
      return await c.navigate(url.href)
    } catch {} // it was closed meanwhile, or belongs to another worker
  }
  return self.clients.openWindow(url.href)
}

// A push service may end or renew a subscription by itself: the server is told of the new one, which follows what the old one did.
// Not every browser says what the old one was, so the page keeps it.
const alone = work => self.navigator.locks ? self.navigator.locks.request('device ' + base, work) : work() // as push.js has it
self.addEventListener('pushsubscriptionchange', e => e.waitUntil(alone(() => renew(e))))
async function renew(e) {
  const mine = await caches.open('device'), kept = await (await mine.match(base + 'device'))?.json()
  const old = e.oldSubscription?.endpoint ?? kept?.endpoint, key = e.oldSubscription?.options.applicationServerKey ?? kept?.key, push = self.registration.pushManager
  const sub = e.newSubscription ?? await push.getSubscription() ?? (key && await push.subscribe({ userVisibleOnly: true, applicationServerKey: key }))
  if (!sub || !old) return
  const { endpoint, keys } = sub.toJSON()
  const reply = await fetch(base + 'devices/renew', { method: 'POST', body: new URLSearchParams({ endpoint, ...keys, old }) })
  if (reply.ok) await mine.put(base + 'device', new Response(JSON.stringify({ ...kept, endpoint })))
}

// Pages come from the network; the last ones are kept for when there is none, until one signs out.
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
