// From a press of the button to a notification that a real browser decrypted, without the internet: Firefox is pointed at a
// push service of a few lines, and our server is told that it is one.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import puppeteer from 'puppeteer-core'
import { WebSocketServer } from 'ws'
import { api, password, publish, serve, setUp, topic } from './world.mjs'

const firefox = process.env.FIREFOX ?? '/usr/bin/firefox-esr'
const skip = existsSync(firefox) ? false : 'there is no Firefox'
let server, service, browser, page

// pushService speaks just enough of Firefox's push protocol: hello, register, notification.
async function pushService() {
  const s = { sent: [], status: 201, uaid: 'a' }
  let socket
  const http = createServer((request, reply) => {
    const pieces = []
    request.on('data', d => pieces.push(d))
    request.on('end', () => {
      const body = Buffer.concat(pieces)
      s.sent.push({ headers: request.headers, size: body.length, at: Date.now() })
      reply.statusCode = s.status
      if (s.status === 201) socket.send(JSON.stringify({ messageType: 'notification', channelID: request.url.split('/').pop(), version: 'v' + s.sent.length,
        data: body.toString('base64url'), headers: { encoding: request.headers['content-encoding'] } }))
      reply.end()
    })
  })
  await new Promise(ok => http.listen(0, '127.0.0.1', ok))
  s.port = http.address().port
  s.url = 'http://127.0.0.1:' + s.port
  new WebSocketServer({ server: http }).on('connection', ws => {
    socket = ws
    ws.on('message', m => {
      const said = JSON.parse(m)
      const answer = {
        hello: { messageType: 'hello', status: 200, uaid: s.uaid.repeat(32), use_webpush: true, broadcasts: {} },
        register: { messageType: 'register', status: 200, channelID: said.channelID, pushEndpoint: `${s.url}/wpush/v2/${said.channelID}` },
        unregister: { messageType: 'unregister', status: 200, channelID: said.channelID }
      }[said.messageType]
      ws.send(answer ? JSON.stringify(answer) : '{}')
    })
  })
  s.forget = () => { s.uaid = 'b'; socket.terminate() } // it knows nothing of the browser's subscriptions any more
  s.close = () => { socket?.terminate(); http.closeAllConnections(); http.close() }
  return s
}

before(async () => {
  if (skip) return
  service = await pushService()
  server = await serve({ NOTIFER_PUSH_HOSTS: service.url })
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
  await topic(server, 'pushed', ['before'])
  browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefox, headless: true, timeout: 120000, protocolTimeout: 120000, extraPrefsFirefox: {
    'dom.push.serverURL': `ws://127.0.0.1:${service.port}/`, 'dom.push.testing.allowInsecureServerURL': true, 'dom.push.enabled': true, 'dom.push.connection.enabled': true,
    'permissions.default.desktop-notification': 1, 'dom.push.testing.ignorePermission': true, 'dom.serviceWorkers.testing.enabled': true, 'dom.push.userAgentID': '',
    'dom.webnotifications.requireuserinteraction': false } })
  page = await browser.newPage()
  page.setDefaultTimeout(60000)
  await page.setViewport({ width: 1280, height: 1000 })
  await page.goto(server.url + '/login')
  await page.type('#email', 'maria@home.example')
  await page.type('#password', password)
  await Promise.all([page.waitForNavigation(), page.click('main button[type=submit]')])
})
after(async () => {
  await browser?.close()
  service?.close()
})

// listen makes the page keep what the worker says that it shows; shown waits for a notification with a text.
const listen = () => page.evaluate(() => {
  window.pushes = []
  navigator.serviceWorker.addEventListener('message', e => window.pushes.push(e.data.notification))
  navigator.serviceWorker.startMessages()
})
const shown = text => page.waitForFunction(text => window.pushes.find(n => (n?.title + ' ' + n?.body).includes(text)), { timeout: 60000, polling: 50 }, text)
  .then(handle => handle.jsonValue())

const text = what => page.$eval(what, x => x.textContent.trim())

test('one press subscribes this browser and shows the test notification', { skip }, async () => {
  await page.goto(server.url + '/topic/pushed')
  await page.click('[data-notify]')
  await page.waitForFunction(() => /Delivered to this device in [\d.]+ s\./.test(document.querySelector('[data-notify-why]').textContent), { timeout: 60000 })
  assert.equal(await text('[data-notify] span'), 'Stop notifying')
  assert.equal(service.sent.length, 1)
  assert.match(service.sent[0].headers.authorization, /^vapid t=[\w-]+\.[\w-]+\.[\w-]+, k=[\w-]+$/)
})

test('a message is shown while the page is closed', { skip }, async () => {
  await page.goto(server.url + '/docs')
  await listen()
  const began = Date.now()
  const m = await publish(server, 'pushed', { title: 'Disk full', message: 'on the NAS: 99 %', priority: 5 })
  const n = await shown('Disk full')
  assert.ok(service.sent.at(-1).at - began < 10_000, `handed to the push service after ${service.sent.at(-1).at - began} ms`)
  assert.equal(n.body, 'on the NAS: 99 %')
  assert.equal(n.tag, m.id)
  assert.equal(n.navigate, `${server.url}/topic/pushed#m-${m.id}`)
  const { headers } = service.sent.at(-1)
  assert.deepEqual([headers.urgency, headers.topic, headers['content-encoding']], ['high', m.id, 'aes128gcm'])
  assert.ok(Number(headers.ttl) > 86400)
})

test('a long message is cut to what a push carries', { skip }, async () => {
  await publish(server, 'pushed', { title: 'Long', message: 'é'.repeat(30000) })
  const n = await shown('Long')
  assert.match(n.body, /^é+…$/)
  assert.ok(service.sent.at(-1).size <= 4096)
})

test('what is looked at in the page is no notification any more', { skip }, async () => {
  await page.goto(server.url + '/topic/pushed')
  await page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker.getRegistration()
    return (await registration.getNotifications()).filter(n => n.data?.topic === 'pushed').length === 0
  }, { timeout: 60000 })
})

test('the devices page knows this device, mutes it, and removes it', { skip }, async () => {
  await page.goto(server.url + '/devices')
  assert.match(await text('[data-device] h3'), /^Firefox on Linux\s+This device/)
  assert.ok(await page.$eval('[data-this]', x => !x.hidden))
  assert.match(await text('[data-device] p'), /^pushed/)
  const count = service.sent.length
  await page.click('[data-device] a[data-dialog]')
  await page.waitForSelector('dialog[open] select[name=mute]')
  await page.select('dialog select[name=mute]', '8')
  await Promise.all([page.waitForNavigation(), page.$eval('dialog select[name=mute]', s => s.form.requestSubmit())])
  assert.match(await text('[data-device] h3'), /Muted/)
  await listen()
  await publish(server, 'pushed', { message: 'muted', priority: 3 })
  await publish(server, 'pushed', { title: 'Urgent', message: 'all the same', priority: 5 })
  await shown('Urgent')
  assert.equal(service.sent.length, count + 1)
  await Promise.all([page.waitForNavigation(), page.$eval('form[action$="/remove"]', f => f.requestSubmit())])
  await page.waitForSelector('.empty')
  await publish(server, 'pushed', { message: 'to nobody', priority: 5 })
  await new Promise(ok => setTimeout(ok, 500))
  assert.equal(service.sent.length, count + 1)
})

const notify = async () => {
  await page.click('[data-notify]')
  await page.waitForFunction(() => /Delivered/.test(document.querySelector('[data-notify-why]').textContent), { timeout: 60000 })
}
const renewed = () => page.evaluate(() => localStorage.removeItem('device checked'))

test('the topic page says what the devices page has changed', { skip }, async () => {
  await renewed()
  await page.goto(server.url + '/topic/pushed')
  await page.waitForFunction(() => document.querySelector('[data-notify] span').textContent === 'Notify me') // it was removed above
  await notify()
  assert.equal(await text('[data-notify] span'), 'Stop notifying')
  const id = await page.evaluate(() => localStorage.getItem('device'))
  await page.evaluate(id => fetch(`/devices/${id}/topics`, { method: 'POST', body: new URLSearchParams({ topic: 'pushed', least: 0 }) }), id)
  await renewed()
  await page.goto(server.url + '/topic/pushed')
  await page.waitForFunction(() => document.querySelector('[data-notify] span').textContent === 'Notify me')
  assert.ok(await page.$('[data-notify]:not([data-on])'))
  await notify()
})

test('a clock that was ahead, and a disk that is full, keep nothing from being said', { skip }, async () => {
  const id = await page.evaluate(() => localStorage.getItem('device'))
  await page.evaluate(id => fetch(`/devices/${id}/remove`, { method: 'POST' }), id)
  await page.evaluate(() => localStorage.setItem('device checked', `${document.documentElement.dataset.account} ${Date.now() + 86400e3}`))
  const full = await page.evaluateOnNewDocument(() => { Cache.prototype.put = async () => { throw new DOMException('full', 'QuotaExceededError') } })
  await page.goto(server.url + '/topic/pushed')
  await page.waitForFunction(() => document.querySelector('[data-notify] span').textContent === 'Notify me')
  await notify()
  assert.equal(await text('[data-notify] span'), 'Stop notifying')
  await page.removeScriptToEvaluateOnNewDocument(full.identifier)
  await page.goto(server.url + '/topic/pushed')
})

test('a push service that has forgotten the browser costs no message', { skip }, async () => {
  await listen()
  const before = await page.evaluate(async () => (await (await navigator.serviceWorker.ready).pushManager.getSubscription()).endpoint)
  service.forget()
  await page.waitForFunction(async before => {
    const now = (await (await navigator.serviceWorker.ready).pushManager.getSubscription())?.endpoint
    return now && now !== before
  }, { timeout: 60000, polling: 200 }, before)
  await publish(server, 'pushed', { title: 'After', message: 'the renewal', priority: 4 })
  await shown('After')
})

test('a browser that has lost its subscription subscribes again when its page is opened', { skip }, async () => {
  await page.evaluate(async () => (await (await navigator.serviceWorker.ready).pushManager.getSubscription()).unsubscribe())
  await renewed()
  await page.goto(server.url + '/topic/pushed')
  await listen()
  await page.waitForFunction(async () => (await (await navigator.serviceWorker.ready).pushManager.getSubscription()), { timeout: 60000 })
  await page.evaluate(() => window.notifer.push.checked)
  await publish(server, 'pushed', { title: 'Again', message: 'subscribed', priority: 4 })
  await shown('Again')
  assert.equal(await text('[data-notify] span'), 'Stop notifying')
})

test('pressing the button while the page is still comparing with the server turns notifications on', { skip }, async () => {
  await page.evaluate(() => fetch(`/devices/${localStorage.getItem('device')}/remove`, { method: 'POST' }))
  const late = await page.evaluateOnNewDocument(() => { // the answer, that this device is unknown, comes late
    const get = window.fetch
    window.fetch = async (...how) => {
      const reply = await get(...how)
      if (String(how[0]).endsWith('/devices/renew')) await new Promise(ok => setTimeout(ok, 1500))
      return reply
    }
  })
  await page.evaluate(() => { localStorage.removeItem('device checked'); for (const k in localStorage) if (k.startsWith('notify ')) localStorage.removeItem(k) })
  await page.goto(server.url + '/topic/pushed')
  await notify()
  await page.evaluate(() => window.notifer.push.checked)
  await page.removeScriptToEvaluateOnNewDocument(late.identifier)
  assert.ok(await page.evaluate(async () => !!localStorage.getItem('device') && !!(await (await navigator.serviceWorker.ready).pushManager.getSubscription())))
  assert.equal(await text('[data-notify] span'), 'Stop notifying')
  await listen()
  await publish(server, 'pushed', { title: 'Still', message: 'on', priority: 4 })
  await shown('Still')
})

test('who signs out gets no more notifications, and leaves none behind', { skip }, async () => {
  const count = service.sent.length
  await Promise.all([page.waitForNavigation(), page.$eval('form[action$="/logout"]', f => f.requestSubmit())])
  await publish(server, 'pushed', { message: 'to nobody', priority: 5 })
  await new Promise(ok => setTimeout(ok, 500))
  assert.equal(service.sent.length, count)
  assert.equal(await page.evaluate(async () => (await (await navigator.serviceWorker.getRegistration()).getNotifications()).length), 0)
  await page.goto(server.url + '/login')
  await page.type('#email', 'maria@home.example')
  await page.type('#password', password)
  await Promise.all([page.waitForNavigation(), page.click('main button[type=submit]')])
  await page.goto(server.url + '/topic/pushed')
  await page.waitForFunction(() => document.querySelector('[data-notify] span').textContent === 'Notify me')
})

test('the button of the devices page turns on all topics', { skip }, async () => {
  await topic(server, 'second')
  await page.goto(server.url + '/devices')
  await page.click('[data-subscribe]')
  await page.waitForFunction(() => /Delivered/.test(document.querySelector('[data-subscribed]').textContent), { timeout: 60000 })
  await page.goto(server.url + '/devices')
  assert.match(await text('[data-device] p'), /^pushed, second/)
  await listen()
  await publish(server, 'second', { title: 'Second', message: 'too' })
  await shown('Second')
})

test('a subscription that the service has ended removes the device', { skip }, async () => {
  await page.evaluate(() => localStorage.clear())
  await page.goto(server.url + '/topic/pushed')
  await page.click('[data-notify]')
  await page.waitForFunction(() => /Delivered/.test(document.querySelector('[data-notify-why]').textContent), { timeout: 60000 })
  service.status = 410
  await publish(server, 'pushed', { message: 'gone', priority: 5 })
  for (let tries = 0; tries < 100; tries++) {
    await page.goto(server.url + '/devices')
    if (await page.$('.empty')) break
    await new Promise(ok => setTimeout(ok, 200))
  }
  assert.ok(await page.$('.empty'), 'the device is still listed')
  service.status = 201
})
