// Notifications while the page is closed: this browser subscribes, and the server pushes to it. Loaded before feed.js.
(() => {
'use strict'
const { root, one, base, startWorker, worker, tell: tellWorker } = window.notifer
const words = one('template[data-push]')?.dataset
if (!words) return
const mine = 'device' // the id of this browser's device
const able = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

// One at a time changes what this browser is subscribed to, of all its tabs and the worker: else an answer to what was asked
// before would undo what has been done since.
const alone = work => navigator.locks ? navigator.locks.request('device ' + base + '/', work) : work()

async function post(path, fields) {
  const reply = await fetch(base + path, { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(fields) })
  if (reply.type === 'opaqueredirect' || reply.redirected) return {}
  if (reply.status === 403 && path === '/devices') { // the last sign-in is too old
    location.assign(base + '/settings/confirm?next=' + encodeURIComponent(location.pathname.slice(base.length)))
    return new Promise(() => {})
  }
  const body = await reply.json().catch(() => ({}))
  if (!reply.ok) throw new Error(body.detail || String(reply.status))
  return body
}

const bytes = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0))
const same = (a, b) => a?.byteLength === b.length && new Uint8Array(a).every((x, i) => x === b[i])

// kind is a name by which one knows the device again.
function kind() {
  const a = navigator.userAgent, has = list => list.find(([sign]) => a.includes(sign))?.[1]
  const browser = has([['Edg', 'Edge'], ['OPR', 'Opera'], ['Firefox', 'Firefox'], ['Chrome', 'Chrome'], ['Safari', 'Safari']]) ?? 'Browser'
  const system = has([['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Mac', 'macOS'], ['Windows', 'Windows'], ['Linux', 'Linux']])
  return system ? `${browser} on ${system}` : browser
}

// subscription is the browser's own, which it makes with the server's key: one that was made with another key reaches nobody.
async function subscription(registration) {
  const key = bytes(words.push), sub = await registration.pushManager.getSubscription()
  if (sub && same(sub.options.applicationServerKey, key)) return sub
  await sub?.unsubscribe()
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }).catch(e => {
    throw e.name === 'NotAllowedError' ? new Error(words.denied) : Object.assign(new Error(words.unreachable), { name: e.name })
  })
}

// What the server knows of this browser's device is kept for the buttons, and the subscription for the worker.
const marks = () => Object.keys(localStorage).filter(k => k.startsWith('notify ') && localStorage.getItem(k) === 'push')
async function remember({ id, topics }, endpoint) {
  localStorage.setItem(mine, id)
  const now = topics.map(t => `notify ${base}/${t}/sse`)
  marks().filter(k => !now.includes(k)).forEach(k => localStorage.removeItem(k))
  now.forEach(k => localStorage.setItem(k, 'push'))
  // On a full disk a renewal has less to go by.
  await caches.open('device').then(mine => mine.put(base + '/device', new Response(JSON.stringify({ endpoint, key: words.push })))).catch(() => {})
}
async function forget() {
  localStorage.removeItem(mine)
  marks().forEach(k => localStorage.removeItem(k))
  await caches.delete('device')
}

// check compares with the server, once in a while: the browser or the server may have lost the subscription, the server may have
// another key, and somebody else may be signed in. What cannot be mended is forgotten, so that the button says the truth.
async function check() {
  const registration = able && isSecureContext && words.push && localStorage.getItem(mine) && await worker()
  if (!registration) return
  const kept = await (await (await caches.open('device')).match(base + '/device'))?.json(), had = await registration.pushManager.getSubscription()
  const old = kept?.endpoint ?? had?.endpoint
  if (Notification.permission !== 'granted' || !old) {
    await post(`/devices/${localStorage.getItem(mine)}/remove`, {}).catch(() => {})
    return forget()
  }
  const { endpoint, keys } = (await subscription(registration)).toJSON()
  const reply = await fetch(base + '/devices/renew', { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams({ endpoint, ...keys, old }), signal: AbortSignal.timeout(20000) })
  if (reply.ok && !reply.redirected) await remember(await reply.json(), endpoint)
  else if (reply.status === 404) {
    await (await registration.pushManager.getSubscription())?.unsubscribe()
    await forget()
  }
}

// subscribe asks for the permission, tells the server, and has it send a test. It returns how it went, in words.
async function subscribe(topic, tell) {
  if (!words.push) throw new Error(words.off)
  if (!isSecureContext) throw new Error(words.insecure)
  if (!able) throw new Error(words.none)
  const allowed = await Notification.requestPermission()
  if (allowed !== 'granted') throw new Error(allowed === 'denied' ? words.denied : words.dismissed)
  tell(words.working)
  return alone(() => turnOn(topic))
}
async function turnOn(topic) {
  const { endpoint, keys } = (await subscription(await startWorker())).toJSON()
  const device = await post('/devices', { endpoint, ...keys, name: kind(), ...topic && { topic } })
  await remember(device, endpoint)
  const began = performance.now()
  const arrived = new Promise(ok => navigator.serviceWorker.addEventListener('message', e => { if (e.data?.pushed === 'test') ok(performance.now() - began) }))
  const sent = await post(`/devices/${device.id}/test`, {})
  if (!sent.ok) throw new Error(sent.detail)
  const took = await Promise.race([arrived, new Promise(ok => setTimeout(ok, 8000))])
  return took ? words.got.replace('%s', (took / 1000).toFixed(1)) : words.sent
}

// unsubscribe ends what a device is told of one topic.
const unsubscribe = topic => alone(async () => {
  const id = localStorage.getItem(mine)
  if (id) await post(`/devices/${id}/topics`, { topic, least: 0 }).catch(() => {})
})

// What is looked at here needs no notification any more.
async function seen(topic) {
  const list = await (await worker())?.getNotifications?.() ?? []
  const looked = list.filter(n => n.data?.topic === topic)
  looked.forEach(n => n.close())
  if (looked.length) tellWorker('tidy') // which also counts what is left
}

const button = one('[data-subscribe]'), status = one('[data-subscribed]'), here = localStorage.getItem(mine)
if (button) button.onclick = () => {
  button.disabled = true
  const tell = text => { status.textContent = text }
  subscribe('', tell).then(text => { tell(text); setTimeout(() => location.reload(), 3000) }, e => tell(e.message)).then(() => { button.disabled = false })
}
const row = here && document.getElementById(here)
if (row) one('[data-this]', row).hidden = false

const lately = 'device checked'
let checked = Promise.resolve()
const [who, when] = localStorage.getItem(lately)?.split(' ') ?? []
if (here && (button || who !== root.dataset.account || !(Math.abs(Date.now() - when) < 600_000))) {
  checked = alone(check).then(() => localStorage.setItem(lately, `${root.dataset.account} ${Date.now()}`)).catch(() => {})
}

window.notifer.push = { checked, able: able && isSecureContext && !!words.push, subscribe, unsubscribe, seen, words }
})()
