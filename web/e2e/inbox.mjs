// One feed of all topics, and lists of topics that live.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { api, password, publish, serve, setUp, signedIn, topic } from './world.mjs'

let server
before(async () => {
  server = await serve()
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
  await topic(server, 'first', ['one', 'two'])
  await topic(server, 'second', ['three'])
  await topic(server, 'third')
})

test('messages of all topics come into one feed, with the name of their topic', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/inbox')
  await page.locator('[data-live=on]').waitFor()
  const top = page.locator('#feed article').first()
  assert.match(await top.innerText(), /three/)
  assert.match(await top.innerText(), /second/)
  assert.equal(await page.locator('#feed article.new').count(), 3)
  await publish(server, 'third', { title: 'Zebra', message: 'here', priority: 5 })
  await page.locator('#feed article', { hasText: 'Zebra' }).waitFor()
  assert.match(await top.innerText(), /third/)
  await page.getByRole('button', { name: 'Mark all read' }).click()
  await page.locator('[data-live=on]').waitFor()
  await page.waitForFunction(() => document.querySelectorAll('#feed article.new').length < 2)
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('the inbox is filtered by topic, priority and words, and the header searches it', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/inbox?topic=first')
  assert.equal(await page.locator('#feed article').count(), 2)
  await page.goto(server.url + '/inbox?priority_min=4')
  assert.equal(await page.locator('#feed article').count(), 1)
  await page.keyboard.press('/')
  await page.keyboard.type('three')
  await page.keyboard.press('Enter')
  await page.waitForURL(u => u.pathname === '/inbox' && u.searchParams.get('q') === 'three')
  assert.equal(await page.locator('#feed article').count(), 1)
  await page.context().close()
})

test('on a phone, the header opens the search of all messages, also once more', async () => {
  const page = await signedIn(server, { viewport: { width: 390, height: 844 } })
  await page.goto(server.url + '/topic/first')
  for (let i = 0; i < 3; i++) {
    await page.locator('header').getByRole('link', { name: 'Search all messages' }).click()
    await page.waitForURL(/\/inbox#search$/)
    await page.locator('#search #q').waitFor()
    await page.locator('#search > summary').evaluate(x => x.click())
    await page.locator('#search #q').waitFor({ state: 'hidden' })
  }
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('the inbox survives a burst over many topics', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/inbox')
  await page.locator('[data-live=on]').waitFor()
  await Promise.all(Array.from({ length: 400 }, (_, i) => publish(server, ['first', 'second', 'third'][i % 3], 'burst ' + i)))
  const newest = (await api(server, 'GET', '/api/messages?limit=1')).messages[0].id
  await page.locator('#m-' + newest).waitFor()
  while (await page.locator('.seam').count()) {
    await page.locator('.seam a').first().click()
    await page.locator('.seam[aria-busy]').waitFor({ state: 'detached' })
  }
  const ids = await page.locator('#feed article').evaluateAll(all => all.map(a => a.dataset.id))
  assert.deepEqual(ids, [...new Set(ids)].sort().reverse())
  assert.ok(ids.length >= 400, `${ids.length}`)
  await page.context().close()
})

test('the list of topics moves what is new to its top by itself', async () => {
  await topic(server, 'quiet', ['long ago'])
  await topic(server, 'noisy', ['old'])
  const page = await signedIn(server)
  for (const name of ['first', 'second', 'third', 'noisy', 'quiet']) await page.goto(`${server.url}/topic/${name}`)
  await page.goto(server.url + '/')
  await page.locator('[data-topic] h2').first().waitFor()
  const first = () => page.locator('[data-topic] h2').first().innerText()
  assert.match(await first(), /noisy/)
  await page.waitForTimeout(500)
  await publish(server, 'quiet', 'awake')
  await page.waitForFunction(() => document.querySelector('[data-topic] h2').innerText.includes('quiet'))
  assert.match(await page.locator('[data-topic]', { hasText: 'quiet' }).innerText(), /awake/)
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})
