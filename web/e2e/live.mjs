import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { publish, serve, setUp, signedIn, topic, world } from './world.mjs'

let server
before(async () => {
  server = await world()
  await topic(server, 'live', Array.from({ length: 60 }, (_, i) => `message ${i}`))
})

const newest = page => page.locator('.msg').first()

test('a message appears by itself, once, under its day', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/topic/live')
  await page.locator('[data-live]:visible').waitFor()
  await publish(server, 'live', { message: 'here I **am**', markdown: true, title: 'Hello', tags: ['tada'], priority: 5 })
  await page.locator('.msg h3', { hasText: 'Hello' }).waitFor()
  assert.equal(await newest(page).locator('strong').innerText(), 'am')
  await publish(server, 'live', 'second')
  await newest(page).getByText('second').waitFor()
  assert.equal(await page.locator('.msg h3', { hasText: 'Hello' }).count(), 1)
  assert.equal(await page.locator('h2.day', { hasText: 'Today' }).count(), 1)
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('a message that comes while the feed is being fetched is not left out', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/topic/live')
  await page.locator('[data-live]:visible').waitFor()
  await page.evaluate(() => { new EventSource('/live/sse').onmessage = e => { window.last = JSON.parse(e.data).message } })
  await page.route(url => url.searchParams.has('after'), async route => {
    const answer = await route.fetch()
    await publish(server, 'live', 'in the gap')
    await page.waitForFunction(() => window.last === 'in the gap')
    await route.fulfill({ response: answer })
  }, { times: 1 })
  await publish(server, 'live', 'before the gap')
  await page.locator('.msg', { hasText: 'in the gap' }).waitFor()
  assert.equal(await page.locator('.msg', { hasText: 'before the gap' }).count(), 1)
  await page.context().close()
})

test('the first message of an empty topic replaces the empty state', async () => {
  await topic(server, 'fresh')
  const page = await signedIn(server)
  await page.goto(server.url + '/topic/fresh')
  await page.locator('[data-live]:visible').waitFor()
  await publish(server, 'fresh', 'the very first')
  await page.locator('.msg', { hasText: 'the very first' }).waitFor()
  assert.equal(await page.locator('.empty').count(), 0)
  await page.context().close()
})

test('scrolled away, a pill counts what is new and nothing jumps', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/topic/live')
  await page.locator('[data-live]:visible').waitFor()
  await page.evaluate(() => scrollTo(0, 2500))
  const top = await page.locator('.msg').nth(30).evaluate(m => m.getBoundingClientRect().top)
  await publish(server, 'live', 'one')
  await page.getByText('1 new message', { exact: true }).waitFor()
  await publish(server, 'live', 'two')
  await page.getByText('2 new messages', { exact: true }).waitFor()
  assert.equal(await page.locator('.msg').nth(30).evaluate(m => m.getBoundingClientRect().top), top)
  await page.locator('[data-pill]').click()
  await newest(page).getByText('two').waitFor()
  assert.equal(await page.evaluate(() => scrollY), 0)
  await page.context().close()
})

test('the publish box shows the equal curl line and publishes', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/topic/live')
  await page.click('[data-toggle=publish]')
  await page.fill('#message', "it's done")
  await page.fill('#title', 'Night job')
  await page.fill('#tags', 'nas')
  const line = await page.locator('#publish-curl').textContent()
  assert.ok(line.startsWith('curl -fsS ') && line.includes(`-d 'it'\\''s done'`) && line.includes(`-H 'X-Title: Night job'`) && line.includes('X-Topic-Token') && line.endsWith(server.url + '/live'), line)
  await page.click('#publish button[type=submit]')
  await page.locator('.msg h3', { hasText: 'Night job' }).waitFor()
  assert.equal(await newest(page).locator('.tag.t').last().innerText().then(t => t.includes('nas')), true)
  await page.context().close()
})

test('a browser that cannot show notifications says so', async () => {
  const page = await signedIn(server)
  await page.context().grantPermissions(['notifications'], { origin: server.url })
  await page.addInitScript(() => {
    window.Notification = class { constructor() { throw new TypeError('Illegal constructor') } static permission = 'granted'; static requestPermission = async () => 'granted' }
  })
  await page.goto(server.url + '/topic/live')
  await page.locator('[data-notify]').click()
  await page.getByText('only for apps on the home screen').waitFor()
  assert.equal(await page.locator('[data-notify]').innerText().then(t => t.trim()), 'Notify me')
  await page.context().close()
})

test('times are those of the browser from the first page on', async () => {
  const own = await serve()
  await setUp(own)
  const page = await signedIn(own, { form: true, timezoneId: 'Pacific/Kiritimati' })
  await page.goto(own.url + '/settings/security')
  assert.match(await page.locator('main time').first().getAttribute('title'), /\+14$/)
  await page.goto(own.url + '/settings/preferences')
  assert.equal(await page.inputValue('#zone'), 'Pacific/Kiritimati')
  await page.context().close()
})

test('notifications are explained where the browser forbids them', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/topic/live')
  await page.locator('[data-notify]').click()
  await page.locator('[data-notify-why]:visible').waitFor()
  await page.context().close()
})

test('after midnight a heading that said Today says Yesterday', async () => {
  const page = await signedIn(server)
  await page.clock.install()
  await page.goto(server.url + '/topic/live')
  assert.equal(await page.locator('h2.day').first().innerText(), 'Today')
  await page.clock.fastForward('24:00:00')
  await page.locator('h2.day', { hasText: 'Yesterday' }).waitFor()
  assert.equal(await page.locator('h2.day', { hasText: 'Today' }).count(), 0)
  await page.clock.fastForward('24:00:00')
  await page.locator('h2.day', { hasText: /\d{4}$/ }).waitFor()
  await page.context().close()
})
