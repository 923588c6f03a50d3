// The list of topics beside an open feed: it moves by itself, whatever the stream of the feed speaks of.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { api, password, publish, serve, setUp, signedIn, topic } from './world.mjs'

let server
before(async () => {
  server = await serve({ NOTIFER_STREAM_HEARTBEAT: '1s' })
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
  await topic(server, 'open', ['one'])
  await topic(server, 'other', ['two'])
})

const row = (page, name) => page.locator('#topics li', { hasText: name })

test('beside an open topic, other topics count what is new, and new topics appear', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/topic/other')
  await page.goto(server.url + '/topic/open')
  await page.locator('[data-live=on]').waitFor()
  assert.equal(await row(page, 'other').locator('.count').count(), 0)
  await row(page, 'open').locator('a').focus()
  await publish(server, 'other', 'from elsewhere')
  await row(page, 'other').filter({ hasText: 'from elsewhere' }).locator('.count').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement.pathname), '/topic/open')
  await topic(server, 'brand-new', ['first'])
  await row(page, 'brand-new').waitFor()
  await publish(server, 'open', 'read as it comes')
  await row(page, 'open').filter({ hasText: 'read as it comes' }).waitFor()
  assert.equal(await row(page, 'open').locator('.count').count(), 0)
  assert.equal(await row(page, 'open').locator('[aria-current]').count(), 1)
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('an open inbox shows the messages of a topic that is newer than the page', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/inbox')
  await page.locator('[data-live=on]').waitFor()
  await topic(server, 'later', ['of a later topic'])
  await page.locator('#feed article', { hasText: 'of a later topic' }).waitFor()
  await row(page, 'later').locator('.count').waitFor()
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('of more topics than fit, the open one is there, and reading one moves none', async () => {
  const page = await signedIn(server)
  for (let i = 0; i < 36; i++) await topic(server, 'crowd-' + i, ['read'])
  await page.goto(server.url + '/inbox')
  await page.getByRole('button', { name: 'Mark all read' }).click()
  await page.waitForFunction(() => document.querySelector('#topics li') && !document.querySelector('#topics .count'))
  for (let i = 16; i < 36; i++) await publish(server, 'crowd-' + i, 'new')
  const order = () => page.locator('#topics li a').evaluateAll(all => all.map(a => a.pathname))
  await page.goto(server.url + '/topic/crowd-35')
  const before = await order()
  assert.equal(before.length, 30)
  await page.locator('#topics').evaluate(x => { x.scrollTop = 700 })
  await page.locator('#topics a[href$="/crowd-20"]').click()
  await page.waitForURL(/crowd-20$/)
  assert.deepEqual((await order()).slice(0, 16), before.slice(0, 16))
  assert.equal(await page.locator('#topics [aria-current]').getAttribute('href'), '/topic/crowd-20')
  assert.equal(await page.locator('#topics').evaluate(x => x.scrollTop), 700)
  await page.goto(server.url + '/topic/open') // read, and older than all of the crowd
  assert.equal(await page.locator('#topics [aria-current]').count(), 1)
  assert.equal(await page.locator('#topics [aria-current]').evaluate(x => x.getBoundingClientRect().bottom <= innerHeight), true)
  assert.equal(await row(page, 'open').filter({ hasText: 'read as it comes' }).count(), 1)
  await page.context().close()
})
