// What the worker keeps to be read without a network, and for whom.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { api, password, publish, serve, setUp, signedIn, topic } from './world.mjs'
import { until, worker } from './worker.mjs'

let server
before(async () => {
  server = await serve()
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
  await topic(server, 'door', ['ring'])
})

// left are the pages that the worker keeps.
const left = w => w.run(async () => (await Promise.all((await caches.keys()).map(async name => (await (await caches.open(name)).keys()).map(r => new URL(r.url).pathname)))).flat().filter(p => !p.includes('/static/') && p !== '/device' && p !== '/devices/offline'))

test('a page that is being kept while one signs out is not left behind', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  await w.run(() => {
    const get = self.fetch.bind(self)
    self.held = new Promise(ok => { self.release = ok })
    self.fetch = async (what, how) => {
      const reply = await get(what, how)
      if (String(what).endsWith('?offline')) { self.asked = true; await self.held }
      return reply
    }
  })
  await page.goto(server.url + '/topic/door')
  await until('the page is asked for', () => w.run(() => self.asked))
  await Promise.all([page.waitForURL(/logout$/), page.locator('form[action$="/logout"]').first().evaluate(f => f.requestSubmit())])
  await page.goto(server.url + '/login')
  await w.run(() => self.release())
  await w.run(() => new Promise(ok => setTimeout(ok, 100))) // for the put, which nobody waits for
  assert.equal(await w.run(async () => !!await caches.match(new URL('topic/door', self.registration.scope).href)), false)
  await page.context().close()
})

test('whoever signs in to another account finds no page of the first one', async () => {
  await api(server, 'POST', '/api/users', { email: 'tom@home.example', username: 'tom', password })
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  await page.goto(server.url + '/topic/door')
  await until('the page is kept', async () => (await left(w)).includes('/topic/door'))
  // The session ends without a word to this browser, and a link, as of an invitation, begins that of another account.
  await page.context().clearCookies({ name: 'notifer' })
  const reply = await fetch(server.url + '/login', { method: 'POST', body: new URLSearchParams({ email: 'tom@home.example', password }), headers: { 'Sec-Fetch-Site': 'same-origin' }, redirect: 'manual' })
  const value = /notifer=([^;]+)/.exec(reply.headers.getSetCookie().find(c => c.startsWith('notifer=')))[1]
  await page.context().addCookies([{ name: 'notifer', value, url: server.url }])
  await page.goto(server.url + '/')
  await until('the pages are those of the other account', async () => JSON.stringify(await left(w)) === '["/"]')
  await page.context().setOffline(true)
  await page.goto(server.url + '/topic/door').catch(() => {})
  assert.equal(await page.locator('article').count(), 0)
  await page.context().close()
})

test('one tab signs out, and another one leaves no page behind', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page), other = await page.context().newPage()
  await other.goto(server.url + '/topic/door')
  await other.locator('[data-live=on]').waitFor()
  await until('the page is kept', async () => (await left(w)).includes('/topic/door'))
  await Promise.all([page.waitForURL(/logout$/), page.locator('form[action$="/logout"]').first().evaluate(f => f.requestSubmit())])
  await until('nothing is kept', async () => (await left(w)).length === 0)
  await other.locator('[data-sign-in]:visible').waitFor()
  assert.match(await other.locator('[data-lost-text]').innerText(), /signed out/)
  await other.reload()
  assert.equal(await other.locator('article').count(), 0)
  assert.deepEqual(await left(w), [])
  await page.context().close()
})

test('on a full disk pages are shown as they are, style and script too', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  await page.goto(server.url + '/topic/door')
  await until('the page is kept', async () => (await left(w)).includes('/topic/door'))
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 1 })
  assert.equal(await w.run(() => caches.open('full').then(c => c.put('/full', new Response('x'.repeat(10000)))).then(() => '', e => e.name)), 'QuotaExceededError')
  await w.run(() => caches.keys().then(names => Promise.all(names.filter(n => n.includes('assets')).map(n => caches.delete(n)))))
  await topic(server, 'garage')
  const m = await publish(server, 'garage', 'while the disk is full')
  await page.goto(server.url + '/topic/garage')
  await page.locator('#m-' + m.id).waitFor()
  assert.ok(await page.evaluate(() => document.styleSheets.length > 0 && document.styleSheets[0].cssRules.length > 100 && !!window.notifer))
  await page.context().close()
})

test('a new worker takes over while a page is open, and the page goes on', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/topic/door')
  await page.locator('[data-live=on]').waitFor()
  await worker(server, page)
  const taken = page.evaluate(() => new Promise(ok => { navigator.serviceWorker.oncontrollerchange = () => ok(true) }))
  await page.evaluate(() => { // another URL makes the same text another worker
    const made = trustedTypes.createPolicy('update', { createScriptURL: path => path })
    navigator.serviceWorker.register(made.createScriptURL('/sw.js?2'), { scope: '/' })
  })
  assert.ok(await taken)
  const m = await publish(server, 'door', 'under the new worker')
  await page.locator('#m-' + m.id).waitFor()
  await page.reload()
  await page.locator('#m-' + m.id).waitFor()
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('the last 200 messages of a topic are read without a network', async () => {
  await topic(server, 'many')
  for (let i = 0; i < 250; i += 25) await Promise.all(Array.from({ length: 25 }, (_, n) => publish(server, 'many', `message ${i + n}.`)))
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  await page.goto(server.url + '/topic/many')
  const kept = () => until('the page is kept', () => w.run(async () => {
    const kept = await (await caches.match(new URL('topic/many', self.registration.scope).href))?.text()
    return (kept?.match(/<article/g) ?? []).length >= 200
  }))
  await kept()
  await page.reload()
  await kept() // the shorter page of a visit soon after has not taken its place
  const newest = await page.locator('#feed article').first().getAttribute('data-id')
  await page.context().setOffline(true)
  await page.goto(server.url + '/topic/many')
  assert.equal(await page.locator('#feed article').count(), 200)
  assert.equal(await page.locator('#feed article').first().getAttribute('data-id'), newest)
  assert.ok(await page.locator('#feed').evaluate(x => getComputedStyle(x).display !== 'none' && document.styleSheets.length > 0))
  // Where an old message leads to is not kept: the last ones are shown, and stay, also where the browser takes itself for online.
  await page.addInitScript(() => Object.defineProperty(navigator, 'onLine', { get: () => true }))
  await page.goto(server.url + '/topic/many?after=000000000001#m-000000000002')
  assert.equal(await page.locator('#feed article').count(), 200)
  await page.goto(server.url + '/topic/many#m-000000000002')
  await page.reload()
  assert.equal(await page.locator('#feed article').count(), 200)
  await page.context().setOffline(false)

  // Nothing of it is left once the session has ended.
  await page.context().clearCookies({ name: 'notifer' })
  await page.goto(server.url + '/topic/many')
  await until('the pages of an ended session are forgotten', async () => (await left(w)).length === 0)
  await page.context().close()
})

test('an installed app that notifies of nothing has a page for what it has not kept, and gives way to the one that was asked for', async () => {
  const page = await signedIn(server)
  await page.addInitScript(() => {
    const match = window.matchMedia
    window.matchMedia = q => q === '(display-mode: standalone)' ? { matches: true } : match(q)
  })
  await page.goto(server.url + '/inbox')
  await page.waitForFunction(() => navigator.serviceWorker.controller)
  await page.goto(server.url + '/topic/door')
  await until('the pages are kept', () => page.evaluate(async () => !!await caches.match('/topic/door') && !!await caches.match('/devices/offline')))
  await page.context().setOffline(true)
  await page.goto(server.url + '/settings/preferences')
  await page.getByRole('heading', { name: 'No connection' }).waitFor()
  assert.ok(await page.evaluate(() => getComputedStyle(document.querySelector('.card')).borderRadius !== '0px'), 'it has its style')
  await page.getByRole('link', { name: 'door' }).click()
  await page.locator('#feed article', { hasText: 'ring' }).waitFor()
  await page.goto(server.url + '/topic/never-opened')
  await page.getByRole('heading', { name: 'No connection' }).waitFor()
  await page.goto(server.url + '/settings/preferences')
  await page.context().setOffline(false)
  await page.getByRole('heading', { name: 'Preferences' }).waitFor()
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('a proxy without its server, and a network that says nothing, do not hide what is kept', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  await page.goto(server.url + '/topic/door')
  await until('the page is kept', async () => (await left(w)).includes('/topic/door'))
  for (const how of [502, 503, 504, 'silence']) {
    await page.goto(server.url + '/docs')
    await w.run(how => { self.fetch = how === 'silence' ? () => new Promise(() => {}) : async () => new Response('away', { status: how }) }, how)
    await page.goto(server.url + '/topic/door')
    await page.locator('#feed article', { hasText: 'ring' }).waitFor()
    await w.run(() => { delete self.fetch })
  }
  await page.context().close()
})

test('a session that is ended elsewhere leaves no page behind, though none is asked for', async () => {
  const page = await signedIn(server), other = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  await page.goto(server.url + '/topic/door')
  await page.locator('[data-live=on]').waitFor()
  await until('the page is kept', async () => (await left(w)).includes('/topic/door'))
  await other.goto(server.url + '/settings/security')
  await other.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.locator('[data-sign-in]:visible').waitFor()
  await until('nothing is kept', async () => (await left(w)).length === 0)
  await other.context().close()
  await page.context().close()
})

test('pages of the account before are gone where a device is paired or an account begins, and after a month', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  for (const way of ['devices/join', 'register', 'setup', 'a month']) {
    await page.goto(server.url + '/topic/door')
    await until('the page is kept', async () => (await left(w)).includes('/topic/door'))
    await page.goto(server.url + '/docs')
    if (way === 'a month') {
      await w.run(() => { const now = Date.now; Date.now = () => now() + 31 * 86400_000 })
      await page.context().setOffline(true)
      await page.goto(server.url + '/topic/door')
      await page.getByRole('heading', { name: 'No connection' }).waitFor()
    } else await page.goto(server.url + '/' + way)
    await until('it is gone after ' + way, async () => !(await left(w)).includes('/topic/door'))
  }
  await page.context().close()
})

test('the page without a connection is kept whole, or with the next page, and without the errors of a proxy', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  const w = await worker(server, page)
  const whole = () => w.run(() => caches.match('/devices/offline').then(r => !!r))
  await until('it is kept', whole)
  const [styles, status] = await w.run(async () => {
    const cache = await caches.open(assets), styles = (await cache.keys()).map(r => r.url).find(url => /app\.css/.test(url))
    await cache.delete(styles)
    await cache.delete(away)
    const before = styles.replace(/v=.*/, 'v=before')
    await cache.put(before, new Response('good'))
    const get = self.fetch.bind(self)
    self.fetch = async (what, how) => String(what).includes('app.css') ? new Response('away', { status: 502 }) : get(what, how)
    await keepOffline().catch(() => {})
    delete self.fetch
    return [styles, (await caches.match(styles, { ignoreSearch: true }))?.status]
  })
  assert.equal(status, 200, 'the copy of before stays')
  assert.equal(await whole(), false)
  await page.goto(server.url + '/topic/door')
  await until('it is kept with the next page', whole)
  assert.equal(await w.run(url => caches.match(url).then(r => r?.status), styles), 200)

  await page.goto(server.url + '/devices/offline')
  await page.waitForURL(server.url + '/')
  await page.context().close()
})
