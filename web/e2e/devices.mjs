// The devices of an account: a long list within the budget of a page, and the settings of each.
import assert from 'node:assert/strict'
import { createECDH, randomBytes } from 'node:crypto'
import { before, test } from 'node:test'
import { api, password, serve, setUp, signedIn, topic } from './world.mjs'

const service = 'http://127.0.0.1:9' // of nobody: nothing is pushed here
let server
before(async () => {
  server = await serve({ NOTIFER_PUSH_HOSTS: service })
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
  for (let i = 0; i < 45; i++) await topic(server, 'topic-of-the-house-' + i)
})

// subscribe adds devices as their browsers would: each follows all topics.
const subscribe = (page, count) => page.evaluate(async subscriptions => {
  await Promise.all(subscriptions.map(async s => {
    const reply = await fetch('/devices', { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(s) })
    if (!reply.ok) throw new Error(await reply.text())
  }))
}, Array.from({ length: count }, (_, i) => {
  const key = createECDH('prime256v1')
  return { name: 'Firefox on Android ' + i, endpoint: `${service}/push/${randomBytes(16).toString('hex')}`, p256dh: key.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') }
}))

test('50 devices of 45 topics are a first visit of 40 kB', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs')
  await subscribe(page, 50)
  const cdp = await page.context().newCDPSession(page)
  let bytes = 0
  cdp.on('Network.loadingFinished', e => { bytes += e.encodedDataLength })
  await cdp.send('Network.enable')
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
  await page.goto(server.url + '/devices', { waitUntil: 'networkidle' })
  assert.equal(await page.locator('.dev').count(), 50)
  assert.ok(bytes > 5000 && bytes < 40_000, `${bytes} bytes`)
  await page.context().close()
})

test('the settings of a device are one form, in a dialog or on a page of its own', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await signedIn(server, { javaScriptEnabled }), row = page.locator('.dev', { hasText: 'Firefox on Android 0' })
    await page.goto(server.url + '/devices')
    await row.getByRole(javaScriptEnabled ? 'button' : 'link', { name: 'Settings' }).click()
    const form = page.locator('.sheet form')
    await form.getByLabel('Name').fill('Firefox on Android 0, kitchen')
    await form.getByLabel('Quiet from').fill('22:00')
    await form.getByLabel('until').fill('')
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('fill in both, or neither').first().waitFor() // and nothing that was typed is lost
    assert.equal(await form.getByLabel('Name').inputValue(), 'Firefox on Android 0, kitchen')
    assert.equal(await page.locator('dialog[open]').count(), javaScriptEnabled ? 1 : 0)
    await form.getByLabel('until').fill('07:00')
    await form.locator('[name=least_topic-of-the-house-0]').selectOption({ label: 'High and above' })
    await form.locator('[name=least_topic-of-the-house-1]').selectOption({ label: 'Nothing' })
    await form.getByRole('button', { name: 'Save' }).click()
    await row.filter({ hasText: /kitchen.*topic-of-the-house-0 \(high and above\), topic-of-the-house-10, .*quiet 22:00 to 07:00/ }).waitFor()
    await row.getByRole(javaScriptEnabled ? 'button' : 'link', { name: 'Settings' }).click()
    assert.equal(await form.locator('[name=least_topic-of-the-house-0]').inputValue(), '4')
    assert.equal(await form.locator('[name=least_topic-of-the-house-1]').count(), 0)
    await form.getByLabel('Another topic').selectOption('topic-of-the-house-1')
    await form.getByLabel('Name').fill('Firefox on Android 0')
    await form.getByRole('button', { name: 'Save' }).click()
    await row.filter({ hasText: /topic-of-the-house-1, / }).waitFor()
    if (javaScriptEnabled) assert.deepEqual(page.troubles, [])
    await page.context().close()
  }
})
