// The worker shows what is pushed, opens it when it is pressed, and keeps the last pages readable without a network.
'use strict'
const scope = new URL(self.registration.scope), base = scope.pathname
const store = 'pages-1', most = 12

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', e => e.waitUntil(self.clients.claim()))

self.addEventListener('push', e => e.waitUntil(show(e.data)))
async function show(sent) {
  let n
  try { n = sent.json().notification } catch { n = { title: 'Notifer', body: sent?.text() ?? '' } }
  const urgent = n.data?.priority === 5
  for (const c of await self.clients.matchAll({ includeUncontrolled: true })) c.postMessage({ pushed: n.tag, notification: n })
  // Every push shows something: a browser withdraws the permission of a site that pushes in silence.
  await self.registration.showNotification(n.title, {
    body: n.body, tag: n.tag, silent: !!n.silent, requireInteraction: !!n.requireInteraction, timestamp: n.timestamp,
    icon: base + 'static/icon-192.png', badge: base + 'static/badge.png', data: { ...n.data, navigate: n.navigate },
    ...(urgent && !n.silent && { vibrate: [300, 150, 300, 150, 300], renotify: true })
  })
  if (self.navigator.setAppBadge) {
    const all = await self.registration.getNotifications()
    await self.navigator.setAppBadge(all.length).catch(() => {})
  }
}

self.addEventListener('notificationclick', e => {
  e.notification.close()
  e.waitUntil(open(new URL(e.notification.data?.navigate || base, scope)))
})
async function open(url) {
  if (url.origin !== scope.origin) return self.clients.openWindow(base)
  for (const c of await self.clients.matchAll({ type: 'window' })) {
    if (new URL(c.url).pathname !== url.pathname) continue
    await c.focus()
    return c.navigate?.(url.href)
  }
  return self.clients.openWindow(url.href)
}

// A push service may renew a subscription by itself: the server is told of the new one, which follows what the old one did.
self.addEventListener('pushsubscriptionchange', e => e.waitUntil(renew(e)))
async function renew(e) {
  const old = e.oldSubscription
  const sub = e.newSubscription ?? (old && await self.registration.pushManager.subscribe(old.options))
  if (!sub) return
  const { endpoint, keys } = sub.toJSON()
  await fetch(base + 'devices', { method: 'POST', body: new URLSearchParams({ endpoint, ...keys, ...old && { old: old.endpoint } }) })
}

// Pages come from the network; the last ones are kept for when there is none, until one signs out.
self.addEventListener('fetch', e => {
  const url = new URL(e.request.url)
  if (e.request.method !== 'GET' || url.origin !== scope.origin || !url.pathname.startsWith(base)) return
  const path = url.pathname.slice(base.length)
  if (e.request.mode === 'navigate' && /^(inbox|topic\/[\w-]+)?$/.test(path) && !url.search) e.respondWith(page(e))
  else if (path.startsWith('static/') && url.searchParams.has('v')) e.respondWith(asset(e))
  else if (path === 'login') e.waitUntil(caches.delete(store))
})
async function page(e) {
  const cache = await caches.open(store)
  try {
    const reply = await fetch(e.request)
    if (reply.ok && !reply.redirected) {
      await cache.put(e.request.url, reply.clone())
      const kept = (await cache.keys()).filter(r => !r.url.includes('/static/'))
      await Promise.all(kept.slice(0, -most).map(r => cache.delete(r)))
    }
    return reply
  } catch (err) {
    const had = await cache.match(e.request.url) ?? await cache.match(scope.href + 'inbox') ?? await cache.match(scope.href)
    if (had) return had
    throw err
  }
}
async function asset(e) {
  const had = await caches.match(e.request.url)
  if (had) return had
  const reply = await fetch(e.request)
  if (reply.ok) await (await caches.open(store)).put(e.request.url, reply.clone())
  return reply
}
