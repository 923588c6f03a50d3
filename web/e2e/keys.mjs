// API keys: the same page as tokens have, with a line of their own, a test, and a wait that ends with the first request.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { everywhere } from './axe.mjs'
import { signedIn, topic, world } from './world.mjs'

const create = async (page, server, name, scopes) => {
  await page.goto(server.url + '/settings/keys')
  await page.locator('main a[href$="?new"]').first().click()
  await page.fill('dialog #name', name)
  for (const s of scopes) await page.check(`dialog input[value="${s}"]`)
  await page.press('dialog #name', 'Enter')
  await page.locator('.reveal').waitFor()
}

test('a new key is shown with its own curl line, a test, and its first request, above the fold', async () => {
  const server = await world()
  await topic(server, 'keyed', ['newest'])
  const page = await signedIn(server, { viewport: { width: 1280, height: 800 } })
  await create(page, server, 'Laptop', ['publish', 'topics:read'])
  assert.ok(await page.locator('.reveal').evaluate(r => r.getBoundingClientRect().bottom) <= 800)
  const line = await page.locator('.reveal pre').first().innerText()
  assert.match(line, /X-API-Key: noti_/)
  assert.doesNotMatch(await page.locator('.reveal').innerText(), /X-Topic-Token|TOPIC_TOKEN/)
  await page.click('[data-test] button')
  await page.locator('[data-test] [role=status]', { hasText: /Delivered in \d+ ms/ }).waitFor()
  await page.locator('.wait.good', { hasText: 'First request received' }).waitFor()
  assert.match(execFileSync('sh', ['-c', line]).toString(), /"id"/)
  await everywhere(page, 'key revealed', [320, 1280])
  await page.context().close()
})

test('a key that may only look is tested by looking; keys are sorted; refusals come in once per reason', async () => {
  const server = await world()
  const page = await signedIn(server)
  await create(page, server, 'Dashboard', ['topics:read'])
  await page.click('[data-test] button')
  await page.locator('[data-test] [role=status]', { hasText: /The key works/ }).waitFor()
  await create(page, server, 'Almanac', ['publish'])
  await page.goto(server.url + '/settings/keys')
  const names = async () => (await page.locator('[data-key] h3').allInnerTexts()).filter(name => ['Almanac', 'Dashboard'].includes(name))
  assert.deepEqual(await names(), ['Almanac', 'Dashboard'])
  await page.locator('.cols').getByRole('link', { name: 'Last used' }).click()
  assert.deepEqual(await names(), ['Dashboard', 'Almanac'])
  await topic(server, 'silent')
  await page.goto(server.url + '/topic/silent/settings/tokens#trouble')
  await page.locator('[data-live=on]').waitFor()
  const refused = () => fetch(server.url + '/silent', { method: 'POST', body: 'x' })
  await refused()
  await page.locator('.why').waitFor()
  for (let i = 0; i < 4; i++) await refused()
  await page.locator('.why .badge', { hasText: '× 5' }).waitFor()
  assert.equal(await page.locator('.why').count(), 1)
  assert.equal(await page.locator('#trouble [data-count]').innerText(), '5')
  await page.context().close()
})

test('what a key fits is shown in the dialog, which stays', async () => {
  const server = await world()
  await topic(server, 'backup-nas')
  const page = await signedIn(server)
  await page.goto(server.url + '/settings/keys')
  await page.locator('main a[href$="?new"]').first().click()
  await page.fill('dialog #name', 'Backups')
  await page.fill('dialog #topics', 'backup-*')
  await page.click('dialog button[name=show]')
  await page.locator('dialog [role=status]', { hasText: 'backup-nas' }).waitFor()
  assert.equal(await page.inputValue('dialog #name'), 'Backups')
  await page.context().close()
})
