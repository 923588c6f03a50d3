// Notifications: showing, counting, opening, and closing what was read elsewhere.

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
  const news = await listed({ tag: n.tag }).then(there => there.some(old => old.data?.id !== n.data?.id), () => false)
  for (const c of await self.clients.matchAll({ includeUncontrolled: true })) c.postMessage({ pushed: n.tag, notification: n })
  // Every push shows something: a browser withdraws the permission of a site that pushes in silence.
  await inTurn(() => self.registration.showNotification(n.title, {
    body: n.body, tag: n.tag, silent: !!n.silent, requireInteraction: !!n.requireInteraction, timestamp: n.timestamp,
    icon: base + 'static/icon-192.png', badge: base + 'static/badge.png', data: { ...n.data, navigate: n.navigate, buttons: n.actions },
    actions: n.actions?.slice(0, self.Notification.maxActions ?? 0),
    ...(urgent && !n.silent && { vibrate: [300, 150, 300, 150, 300] }), renotify: !!n.tag && !n.silent && news
  }))
  await tidy([]).catch(() => {})
  await refresh(n.data?.topic).catch(() => {})
  await count()
}

// refresh keeps the page of a topic as it is with a new message, where an older one is kept.
async function refresh(topic) {
  const url = topic && new URL('topic/' + topic, scope).href
  if (url && await caches.match(url)) await keep(url)
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
    const reply = await fetch(base + 'devices/read', { method: 'POST', body: new URLSearchParams({ seen, shown: all.map(n => n.data.id) }), signal: AbortSignal.timeout(20000) })
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
