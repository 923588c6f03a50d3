// Notifications while the page is closed: this browser subscribes, and the server pushes to it. Loaded before feed.js.
(() => {
'use strict'
const { one, say } = window.notifer
const words = one('template[data-push]')?.dataset
if (!words) return
const base = document.documentElement.dataset.base
const mine = 'device' // the id of this browser's device
const able = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

// The address of a worker is a place where script comes from, so it is vouched for by name.
const address = path => window.trustedTypes?.createPolicy ? policy().createScriptURL(path) : path
let made
const policy = () => made ??= trustedTypes.createPolicy('notifer-worker', { createScriptURL: path => {
  if (path !== base + '/sw.js') throw new TypeError('another worker')
  return path
} })

const worker = async () => {
  await navigator.serviceWorker.register(address(base + '/sw.js'), { scope: base + '/' })
  return navigator.serviceWorker.ready
}

async function post(path, fields) {
  const reply = await fetch(base + path, { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(fields) })
  if (reply.type === 'opaqueredirect' || reply.redirected) return {}
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

// subscribe asks for the permission, tells the server, and has it send a test. It returns how it went, in words.
async function subscribe(topic, tell) {
  if (!words.push) throw new Error(words.off)
  if (!isSecureContext) throw new Error(words.insecure)
  if (!able) throw new Error(words.none)
  if (await Notification.requestPermission() !== 'granted') throw new Error(words.denied)
  tell(words.working)
  const registration = await worker(), key = bytes(words.push)
  let sub = await registration.pushManager.getSubscription()
  if (sub && !same(sub.options.applicationServerKey, key)) { await sub.unsubscribe(); sub = null }
  sub ??= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  const { endpoint, keys } = sub.toJSON()
  const device = await post('/devices', { endpoint, ...keys, name: kind(), ...topic && { topic } })
  localStorage.setItem(mine, device.id)
  const began = performance.now()
  const arrived = new Promise(ok => navigator.serviceWorker.addEventListener('message', e => { if (e.data?.pushed === 'test') ok(performance.now() - began) }))
  const sent = await post(`/devices/${device.id}/test`, {})
  if (!sent.ok) throw new Error(sent.detail)
  const took = await Promise.race([arrived, new Promise(ok => setTimeout(ok, 8000))])
  return took ? words.got.replace('%s', (took / 1000).toFixed(1)) : words.sent
}

// unsubscribe ends what a device is told of one topic.
async function unsubscribe(topic) {
  const id = localStorage.getItem(mine)
  if (id) await post(`/devices/${id}/topics`, { topic, least: 0 }).catch(() => {})
}

// What is looked at here needs no notification any more.
async function seen(topic) {
  const registration = able && await navigator.serviceWorker.getRegistration(base + '/').catch(() => null)
  const list = await registration?.getNotifications?.() ?? []
  list.filter(n => n.data?.topic === topic).forEach(n => n.close())
}

const button = one('[data-subscribe]'), status = one('[data-subscribed]'), here = localStorage.getItem(mine)
if (button) button.onclick = () => {
  button.disabled = true
  const tell = text => { status.textContent = text }
  subscribe('', tell).then(text => { tell(text); setTimeout(() => location.reload(), 3000) }, e => tell(e.message)).then(() => { button.disabled = false })
}
const row = here && document.getElementById(here)
if (row) one('[data-this]', row).hidden = false

window.notifer.push = { able: able && isSecureContext && !!words.push, subscribe, unsubscribe, seen, words, say }
// An installed app reads what it has without a network.
if (able && isSecureContext && matchMedia('(display-mode: standalone)').matches) worker().catch(() => {})
})()
