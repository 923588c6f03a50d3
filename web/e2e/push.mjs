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
  const s = { sent: [], status: 201 }
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
        hello: { messageType: 'hello', status: 200, uaid: 'a'.repeat(32), use_webpush: true, broadcasts: {} },
        register: { messageType: 'register', status: 200, channelID: said.channelID, pushEndpoint: `${s.url}/wpush/v2/${said.channelID}` },
        unregister: { messageType: 'unregister', status: 200, channelID: said.channelID }
      }[said.messageType]
      ws.send(answer ? JSON.stringify(answer) : '{}')
    })
  })
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
const shown = text => page.waitForFunction(text => window.pushes.find(n => (n?.title + ' ' + n?.body).includes(text)), { timeout: 15000, polling: 50 }, text)
  .then(handle => handle.jsonValue())

const text = what => page.$eval(what, x => x.textContent.trim())

test('one press subscribes this browser and shows the test notification', { skip }, async () => {
  await page.goto(server.url + '/topic/pushed')
  await page.click('[data-notify]')
  await page.waitForFunction(() => /Delivered to this device in [\d.]+ s\./.test(document.querySelector('[data-notify-why]').textContent), { timeout: 20000 })
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
  assert.ok(service.sent.at(-1).at - began < 1000, `handed to the push service after ${service.sent.at(-1).at - began} ms`)
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
  }, { timeout: 10000 })
})

test('the devices page knows this device, mutes it, and removes it', { skip }, async () => {
  await page.goto(server.url + '/devices')
  assert.match(await text('[data-device] h3'), /^Firefox on Linux\s+This device/)
  assert.ok(await page.$eval('[data-this]', x => !x.hidden))
  assert.match(await text('[data-device] p'), /^pushed/)
  const count = service.sent.length
  await page.click('[data-device] summary')
  await page.select('[data-device] select[name=mute]', '8')
  await Promise.all([page.waitForNavigation(), page.$eval('[data-device] form select[name=mute]', s => s.form.requestSubmit())])
  assert.match(await text('[data-device] h3'), /Muted/)
  await listen()
  await publish(server, 'pushed', { message: 'muted', priority: 3 })
  await publish(server, 'pushed', { title: 'Urgent', message: 'all the same', priority: 5 })
  await shown('Urgent')
  assert.equal(service.sent.length, count + 1)
  await page.click('[data-device] summary')
  await Promise.all([page.waitForNavigation(), page.$eval('form[action$="/remove"]', f => f.requestSubmit())])
  await page.waitForSelector('.empty')
  await publish(server, 'pushed', { message: 'to nobody', priority: 5 })
  await new Promise(ok => setTimeout(ok, 500))
  assert.equal(service.sent.length, count + 1)
})

test('a subscription that the service has ended removes the device', { skip }, async () => {
  await page.evaluate(() => localStorage.clear())
  await page.goto(server.url + '/topic/pushed')
  await page.click('[data-notify]')
  await page.waitForFunction(() => /Delivered/.test(document.querySelector('[data-notify-why]').textContent), { timeout: 20000 })
  service.status = 410
  await publish(server, 'pushed', { message: 'gone', priority: 5 })
  await new Promise(ok => setTimeout(ok, 1000))
  await page.goto(server.url + '/devices')
  await page.waitForSelector('.empty')
  service.status = 201
})
