// The phone in Chromium: it is paired by a code that a camera reads, and its worker shows and closes notifications.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { api, open, password, publish, serve, setUp, signedIn, topic } from './world.mjs'
import { until, worker } from './worker.mjs'

let server
before(async () => {
  server = await serve()
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
  await topic(server, 'door', ['ring'])
  await topic(server, 'backup-nas', ['done'])
  await topic(server, 'diary', ['secret'])
})

// scanned reads the QR code of a page from a picture of the screen.
async function scanned(page) {
  const picture = join(process.env.SCRATCH, 'code.png')
  await page.screenshot({ path: picture })
  return execFileSync('zbarimg', ['-q', '--raw', picture]).toString().trim()
}

const phoneSize = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', isMobile: true, hasTouch: true }

test('a phone is paired by scanning a code, reads its topics only, and is cut off', { skip: existsSync('/usr/bin/zbarimg') ? false : 'there is no zbarimg' }, async () => {
  const owner = await signedIn(server)
  await owner.goto(server.url + '/devices')
  await owner.getByRole('link', { name: 'Add a phone' }).click()
  await owner.getByLabel('Name', { exact: true }).fill('Kitchen tablet')
  await owner.getByLabel('door').check()
  await owner.getByLabel('More topics').fill('backup-*')
  await owner.getByRole('button', { name: 'Show matching topics' }).click()
  await owner.getByText('Now: backup-nas').waitFor()
  assert.ok(await owner.getByLabel('door').isChecked())
  await owner.getByRole('button', { name: 'Show the code' }).click()
  await owner.getByText(/Waiting for a phone, [45]:\d\d left/).waitFor()
  const url = await scanned(owner)
  assert.match(url, new RegExp(`^${server.url}/devices/join#[a-z2-7]{32}$`))

  const context = await open(phoneSize), phone = await context.newPage(), asked = []
  phone.on('request', r => asked.push(r.url()))
  await phone.goto(url)
  await phone.waitForFunction(() => location.hash === '')
  assert.equal(phone.url(), server.url + '/devices/join')
  await phone.getByRole('button', { name: 'Pair this device' }).click()
  await phone.getByRole('heading', { name: 'Topics' }).waitFor()
  const secret = url.split('#')[1]
  assert.ok(!asked.some(u => u.includes(secret)), 'the code is in no URL that was asked for')
  assert.ok(!server.log.includes(secret), 'the code is in no log')
  assert.deepEqual((await phone.locator('#rows a').evaluateAll(all => all.map(a => a.pathname.split('/').at(-1)))).sort(), ['backup-nas', 'door'])
  await owner.waitForURL(server.url + '/devices')
  await owner.getByRole('heading', { name: 'Kitchen tablet' }).waitFor()
  assert.match(await owner.locator('.dev').innerText(), /Paired[\s\S]*backup-\*, door: now backup-nas, door/)

  const again = await open(phoneSize), thief = await again.newPage()
  await thief.goto(url)
  await thief.getByRole('button', { name: 'Pair this device' }).click()
  await thief.getByText('has expired or was used').waitFor()
  await again.close()

  assert.equal((await phone.goto(server.url + '/topic/diary')).status(), 404)
  assert.equal((await phone.goto(server.url + '/settings')).status(), 403)
  assert.equal((await phone.goto(server.url + '/inbox')).url(), server.url + '/')
  await phone.goto(server.url + '/devices')
  assert.equal(await phone.locator('h1').innerText(), 'This device')
  assert.equal(await phone.locator('.empty').count(), 0, 'a paired device is told to look for a phone')
  await phone.goto(server.url + '/topic/door')
  await phone.locator('[data-live=on]').waitFor()
  await publish(server, 'door', 'live on the phone')
  await phone.getByText('live on the phone').waitFor()
  assert.equal(await phone.locator('#publish').count(), 0)

  await owner.locator('.dev').getByText('Remove').click()
  await owner.getByRole('button', { name: 'Remove device' }).click()
  await phone.locator('[data-lost]:not([hidden]), [data-live=off]').first().waitFor({ state: 'attached' })
  assert.equal((await phone.goto(server.url + '/topic/door')).status(), 401)
  await owner.locator('.empty').waitFor()
  assert.deepEqual(owner.troubles, [])
  await owner.context().close()
  await context.close()
})

const push = (m, more = {}) => ({ title: m.title ?? m.topic, body: m.message, tag: m.id, navigate: `${server.url}/topic/${m.topic}#m-${m.id}`, timestamp: Date.now(),
  data: { topic: m.topic, id: m.id, priority: m.priority }, ...more })

test('of pushes that come at once none is lost', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page), sent = []
  for (let i = 0; i < 24; i++) sent.push(push(await publish(server, 'backup-nas', 'at once ' + i)))
  await w.deliver(...sent)
  assert.deepEqual((await w.shown()).map(n => n.tag).sort(), sent.map(n => n.tag).sort())
  await page.context().close()
})

test('the worker shows a push once, opens its message, and closes what was read elsewhere', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  await w.run(() => { self.clients.openWindow = async url => { self.opened = url } })
  const first = await publish(server, 'door', { title: 'Front door', message: 'somebody rings', priority: 5 })
  await w.deliver(push(first, { requireInteraction: true }))
  await until('the first is shown', async () => (await w.shown()).length === 1)
  assert.deepEqual(await w.shown(), [{ title: 'Front door', body: 'somebody rings', tag: first.id, silent: false, insists: true }])
  await w.deliver(push(first, { requireInteraction: true })) // again, as after a crash
  const low = await publish(server, 'backup-nas', { message: 'low', priority: 1 })
  await w.deliver(push(low, { silent: true }))
  await until('the second is shown', async () => (await w.shown()).length === 2)
  assert.deepEqual((await w.shown()).map(n => [n.tag, n.silent]).sort(), [[first.id, false], [low.id, true]].sort())

  // Another device of the same person reads the first topic; the next push closes it here.
  const other = await signedIn(server)
  await other.goto(server.url + '/topic/door')
  const third = await publish(server, 'backup-nas', { message: 'third', priority: 3 })
  await w.deliver(push(third))
  await until('what was read elsewhere is closed', async () => JSON.stringify((await w.shown()).map(n => n.tag).sort()) === JSON.stringify([low.id, third.id].sort()))
  // An open page closes too, when it is looked at.
  await other.goto(server.url + '/topic/backup-nas')
  await page.goto(server.url + '/devices')
  await until('an open page closes', async () => (await w.shown()).length === 0)
  await other.goto(server.url + '/docs') // an open topic would read on
  // Pressing it opens the message, closes it, and it is read everywhere.
  const fourth = await publish(server, 'backup-nas', { message: 'fourth' })
  await w.deliver(push(fourth))
  await until('the fourth is shown', async () => (await w.shown()).length === 1)
  await w.run(async () => {
    const [n] = await self.registration.getNotifications()
    const e = new NotificationEvent('notificationclick', { notification: n })
    e.waitUntil = () => {} // the real one refuses events that no browser made
    self.dispatchEvent(e)
  })
  await until('the message is opened', () => w.run(() => self.opened))
  assert.equal(await w.run(() => self.opened), `${server.url}/topic/backup-nas#m-${fourth.id}`)
  assert.equal((await w.shown()).length, 0)
  // Dismissing marks it as read, without opening it.
  const fifth = await publish(server, 'backup-nas', { message: 'fifth' })
  await w.deliver(push(fifth))
  await until('the fifth is shown', async () => (await w.shown()).length === 1)
  await w.run(async () => {
    const [n] = await self.registration.getNotifications()
    const e = new NotificationEvent('notificationclose', { notification: n })
    e.waitUntil = () => {}
    self.dispatchEvent(e)
  })
  await until('the dismissed one is read', async () => {
    await other.goto(server.url + '/inbox')
    return !await other.locator(`#m-${fifth.id}.new`).count() && !await other.locator(`#m-${fourth.id}.new`).count()
  })
  await other.context().close()
  await page.context().close()
})

test('a message that replaces another one rings again, the same one does not', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  await w.run(() => {
    const show = self.registration.showNotification.bind(self.registration)
    self.rang = []
    self.registration.showNotification = (title, how) => { self.rang.push(how.renotify); return show(title, how) }
  })
  const one = { id: 'd1', topic: 'door', message: 'disk 90 %', priority: 4 }, two = { ...one, id: 'd2', message: 'disk 95 %' }
  for (const [i, m] of [one, one, two].entries()) {
    await w.deliver(push(m, { tag: 'disk' }))
    await until('it is shown', async () => (await w.run(() => self.rang)).length === i + 1 && (await w.shown())[0]?.body === m.message)
  }
  assert.deepEqual(await w.run(() => self.rang), [false, false, true])
  assert.deepEqual((await w.shown()).map(n => n.body), ['disk 95 %'])
  await page.context().close()
})

// press presses a notification, or a button of it, as a person does; the worker notes what it opens.
const watch = w => w.run(() => {
  self.did = []
  self.clients.openWindow = async url => { self.did.push('open ' + url) }
  WindowClient.prototype.focus = async function () { if (self.unfocusable) throw new TypeError('gone'); self.did.push('focus ' + this.url) }
  WindowClient.prototype.navigate = async function (url) { self.did.push('navigate ' + url) }
  self.navigator.setAppBadge = async n => { self.badge = n }
})
const press = (w, tag, action = '') => w.run(async ({ tag, action }) => {
  const [n] = await self.registration.getNotifications({ tag }), e = new NotificationEvent('notificationclick', { notification: n, action })
  self.did = []
  e.waitUntil = p => { p.catch(() => {}) }
  self.dispatchEvent(e)
}, { tag, action })

test('a message of the topic in front of the reader leaves no notification, one of another topic does', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  await page.goto(server.url + '/topic/door')
  await page.locator('[data-live=on]').waitFor()
  const away = await publish(server, 'backup-nas', 'elsewhere'), here = await publish(server, 'door', 'in sight')
  await w.deliver(push(away), push(here))
  await until('one is left', async () => (await w.shown()).map(n => n.body).join() === 'elsewhere')
  await page.context().close()
})

test('buttons of a notification open their links, and the icon counts what is open', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  await watch(w)
  const links = [{ action: '0', title: 'Camera', navigate: 'https://camera.example/live' }, { action: '1', title: 'Bad', navigate: 'javascript:alert(1)' }, { action: '2', title: 'Third', navigate: 'https://c.example/' }]
  const m = await publish(server, 'door', 'with buttons'), second = await publish(server, 'door', 'without')
  await w.deliver(push(m, { actions: links }))
  await w.deliver(push(second))
  await until('both are counted', () => w.run(() => self.badge === 2))
  assert.deepEqual(await w.run(async tag => (await self.registration.getNotifications({ tag }))[0].actions.map(a => a.title), m.id), ['Camera', 'Bad'])
  await press(w, m.id, '0')
  await until('the link is opened', () => w.run(() => self.did.length > 0))
  assert.deepEqual(await w.run(() => self.did), ['open https://camera.example/live'])
  await until('one is left on the icon', () => w.run(() => self.badge === 1))
  const third = await publish(server, 'door', 'with a bad one')
  await w.deliver(push(third, { actions: links }))
  await until('it is shown', () => w.run(() => self.badge === 2))
  await press(w, third.id, '1')
  await until('it is closed', () => w.run(() => self.badge === 1))
  assert.deepEqual(await w.run(() => self.did), [])
  await page.goto(server.url + '/topic/door') // which closes what it shows
  await until('none is left on the icon', () => w.run(() => self.badge === 0))
  await page.context().close()
})

test('pressing a notification goes to the window that shows its topic, else opens one', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  await watch(w)
  const pressed = async () => {
    const m = { topic: 'backup-nas', id: 'm' + Math.random(), message: 'pressed', priority: 3 }
    await w.deliver(push(m, { data: { topic: 'another', id: m.id, priority: 3 } })) // none that the open page reads and closes
    await until('it is shown', async () => (await w.shown()).some(n => n.tag === m.id))
    await press(w, m.id)
    await until('something is opened', () => w.run(() => self.did.some(x => !x.startsWith('focus'))))
    return { did: await w.run(() => self.did), url: `${server.url}/topic/backup-nas#m-${m.id}` }
  }
  let one = await pressed()
  assert.deepEqual(one.did, ['open ' + one.url], 'a window with another page is left alone')
  const other = await page.context().newPage()
  await other.goto(server.url + '/topic/backup-nas')
  one = await pressed()
  assert.deepEqual(one.did, [`focus ${server.url}/topic/backup-nas`, 'navigate ' + one.url])
  await w.run(() => { self.unfocusable = true })
  one = await pressed()
  assert.deepEqual(one.did, ['open ' + one.url], 'a window that has just been closed')
  await page.context().close()
})

test('the message of an old notification is found, however many came after it', async () => {
  const page = await signedIn(server)
  await topic(server, 'busy')
  const old = await publish(server, 'busy', 'the old one')
  for (let i = 0; i < 125; i += 25) await Promise.all(Array.from({ length: 25 }, (_, n) => publish(server, 'busy', `later ${i + n}.`)))
  await page.goto(`${server.url}/topic/busy#m-${old.id}`)
  await page.waitForURL(/\?after=/)
  await page.locator('#m-' + old.id).waitFor()
  assert.ok(await page.locator('#m-' + old.id).evaluate(x => x.matches(':target') && x.textContent.includes('the old one')))
  // In a window that shows the topic already, the hash alone changes.
  await page.goto(server.url + '/topic/busy')
  await page.locator('[data-live=on]').waitFor()
  await page.evaluate(id => { location.hash = 'm-' + id }, old.id)
  await page.locator('#m-' + old.id).waitFor()
  // One that was deleted leads to the topic, once.
  await page.goto(`${server.url}/topic/busy#m-zzzzzzzzzzzz`)
  await page.locator('[data-live=on]').waitFor()
  assert.equal(new URL(page.url()).search, '')
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('the installed app is known by a URL of its own', async () => {
  const manifest = await (await fetch(server.url + '/static/manifest.webmanifest')).json(), at = 'https://home.example/notifer/static/manifest.webmanifest'
  const start = new URL(manifest.start_url, at)
  const id = manifest.id === undefined ? start : new URL(manifest.id, start.origin) // as the specification has it: not relative to the manifest
  assert.ok(id.href.startsWith(new URL(manifest.scope, at).href), `${id} is outside of the app, where another one may be`)
  assert.ok(start.href.startsWith(new URL(manifest.scope, at).href))
})
