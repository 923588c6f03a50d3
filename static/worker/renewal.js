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
