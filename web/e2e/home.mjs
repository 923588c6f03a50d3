import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publish, signedIn, topic, world } from './world.mjs'

test('a name is judged while it is typed, and one can be made up', async () => {
  const server = await world()
  await topic(server, 'not-the-first')
  const page = await signedIn(server)
  await page.goto(server.url + '/')
  await page.click('text=New topic')
  await page.locator('dialog[open]').waitFor()
  await page.fill('dialog #name', 'No')
  assert.deepEqual(await page.locator('[data-rule]').evaluateAll(all => all.map(li => li.className)), ['no', 'no'])
  await page.fill('dialog #name', 'good-name')
  assert.deepEqual(await page.locator('[data-rule]').evaluateAll(all => all.map(li => li.className)), ['yes', 'yes'])
  await page.click('dialog >> text=Generate')
  await page.waitForFunction(() => /^[a-z]+-[a-z]+-[a-z2-7]{10}$/.test(document.querySelector('dialog #name').value))
  await page.click('dialog >> text=Create topic')
  await page.locator('[data-flash]').waitFor()
  assert.match(await page.locator('#feed .steps code').innerText(), /^curl -fsS -d .* -H "X-Topic-Token: \$NOTIFER_TOPIC_TOKEN" http/)
  await page.context().close()
})

test('the list shows what is unread until the topic is looked at', async () => {
  const server = await world()
  await topic(server, 'unread', ['one', 'two'])
  const page = await signedIn(server)
  await page.goto(server.url + '/')
  const row = page.locator('.topics-list li', { hasText: 'unread' })
  assert.equal(await row.locator('.count').innerText().then(t => t.replace(/\s+/g, ' ')), '2 new')
  await row.locator('h2 a').click()
  await page.locator('[data-live]:visible').waitFor()
  await publish(server, 'unread', 'three')
  await page.locator('.msg', { hasText: 'three' }).waitFor()
  await page.goto(server.url + '/')
  assert.equal(await row.locator('.count').count(), 0)
  await page.context().close()
})

test('the watch for refused scripts sees one', async () => {
  const server = await world(), page = await signedIn(server)
  await page.goto(server.url + '/')
  await page.evaluate(() => { document.querySelector('main').setAttribute('style', 'color: red') })
  await page.evaluate(() => { try { document.body.innerHTML = '<b>x</b>' } catch { /* Trusted Types */ } })
  for (let tries = 0; tries < 200 && !page.troubles.length; tries++) await page.waitForTimeout(100)
  assert.notDeepEqual(page.troubles, [])
  await page.context().close()
})
