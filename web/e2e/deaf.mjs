// A page knows when it hears nothing, says why wherever the reader has scrolled, and catches up.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { api, password, publish, relay, serve, setUp, signedIn, topic } from './world.mjs'

const beat = 2000
let server, wire
before(async () => {
  server = await serve({ NOTIFER_STREAM_HEARTBEAT: beat + 'ms' })
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
  wire = await relay(server.port)
  await topic(server, 'deaf', Array.from({ length: 60 }, (_, i) => `message ${i}`))
})

async function open(path = '/topic/deaf') {
  const page = await signedIn(server, { origin: wire.url })
  await page.goto(wire.url + path)
  await page.locator('[data-live=on]').waitFor()
  return page
}

// inSight asserts that an element is inside the window.
async function inSight(page, what) {
  await page.locator(what).waitFor()
  const box = await page.locator(what).boundingBox(), { height } = page.viewportSize()
  assert.ok(box.y >= 0 && box.y + box.height <= height, `${what} at ${box.y} of ${height}`)
}

for (const path of ['/topic/deaf', '/topic/deaf/settings/tokens']) {
  test(`a flow that is forgotten is noticed within 2.5 heartbeats: ${path}`, async () => {
    const page = await open(path)
    await page.waitForTimeout(3 * beat)
    assert.ok(await page.locator('[data-lost]').isHidden(), 'a quiet stream is not a dead one')
    wire.refuse = true
    wire.forget()
    const began = Date.now()
    await page.getByText(/Connection lost\. Reconnecting in \d+ s/).waitFor()
    assert.ok(Date.now() - began < 2.5 * beat + 10_000, `noticed after ${Date.now() - began} ms`)
    assert.equal(await page.locator('[data-live]').innerText(), 'Offline')
    await page.evaluate(() => scrollTo(0, 3000))
    await inSight(page, '[data-lost]')
    await publish(server, 'deaf', 'sent meanwhile')
    wire.refuse = false
    await page.getByRole('button', { name: 'Retry now' }).click()
    await page.locator('[data-live=on]').waitFor()
    assert.ok(await page.locator('[data-lost]').isHidden())
    if (path === '/topic/deaf') {
      await inSight(page, '[data-pill]')
      await page.locator('[data-pill]').click()
      await page.locator('.msg', { hasText: 'sent meanwhile' }).first().waitFor()
    }
    await page.context().close()
  })

  test(`a session that ended offers to sign in, and the way back: ${path}`, async () => {
    const page = await open(path)
    await page.context().clearCookies()
    wire.cut()
    await page.getByText('You are signed out').waitFor()
    await page.waitForTimeout(2500)
    assert.ok(await page.getByText('You are signed out').isVisible(), 'no attempt follows')
    await page.getByRole('link', { name: 'Sign in again' }).click()
    await page.fill('#email', 'maria@home.example')
    await page.fill('#password', password)
    await page.click('main button[type=submit]')
    await page.waitForURL(wire.url + path)
    await page.locator('[data-live=on]').waitFor()
    await page.context().close()
  })
}

test('the network that comes back is used at once', async () => {
  const page = await open()
  await page.evaluate(() => { window.setInterval = () => 0 }) // the page counts no seconds until it tries again by itself
  wire.refuse = true
  wire.cut()
  await page.getByText('Connection lost').waitFor()
  await publish(server, 'deaf', 'over the other way')
  wire.refuse = false
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await page.locator('.msg', { hasText: 'over the other way' }).waitFor()
  await page.context().close()
})

test('a clock that is set back hides no dead flow, and the seconds until the next attempt are not read out', async () => {
  const page = await open()
  await page.evaluate(() => {
    const now = Date.now
    Date.now = () => now() - 3_600_000
    window.read = 0 // changes that a screen reader speaks of
    new MutationObserver(all => { window.read += all.filter(m => !m.target.parentElement?.closest('[aria-hidden=true]') && !m.target.closest?.('[aria-hidden=true]')).length })
      .observe(document.querySelector('[data-lost]'), { subtree: true, childList: true, characterData: true })
  })
  wire.refuse = true
  wire.forget()
  await page.getByText(/Reconnecting in 4 s/).waitFor()
  await page.getByText(/Reconnecting in 1 s/).waitFor()
  assert.equal(await page.evaluate(() => window.read), 1)
  wire.refuse = false
  await page.getByRole('button', { name: 'Retry now' }).click()
  await page.locator('[data-live=on]').waitFor()
  await page.context().close()
})

test('a topic that is deleted ends the page in words', async () => {
  await topic(server, 'doomed', ['one'])
  const page = await open('/topic/doomed')
  await api(server, 'DELETE', '/api/topics/doomed')
  await page.getByText('no longer exists').waitFor()
  assert.ok(await page.getByRole('button', { name: 'Retry now' }).isHidden())
  await page.context().close()
})
