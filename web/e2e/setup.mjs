import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { look } from './axe.mjs'
import { admin, open, password, serve } from './world.mjs'

test('the one-time link makes the first account, once; four fields and a minute later there is a message', async () => {
  const server = await serve()
  const link = /https?:\/\/\S*setup\S*/.exec(await admin(server, 'setup-link'))[0]
  const url = server.url + new URL(link).pathname + new URL(link).search
  const page = await (await open()).newPage()
  await page.goto(server.url + '/')
  await look(page, 'sign in before there is an account')
  const begin = Date.now()
  await page.goto(url)
  await look(page, 'setup')
  await page.fill('#email', 'maria@home.example')
  await page.fill('#username', 'maria')
  await page.fill('#password', 'password')
  await page.click('main button[type=submit]')
  assert.match(await page.locator('.note.bad').innerText(), /too easy to guess/)
  await look(page, 'setup refused')
  await page.fill('#password', password)
  await page.click('main button[type=submit]')
  await page.waitForURL(server.url + '/')
  assert.equal(await page.locator('h1').innerText(), 'Welcome, maria')

  // The first message, live: the fourth field is the topic's name, and a suggestion names the token.
  await page.fill('#name', 'first-light')
  await page.getByRole('button', { name: 'Create topic' }).click()
  await page.getByRole('link', { name: 'Create a token' }).click()
  await page.getByRole('link', { name: 'Backup job' }).click()
  await page.getByRole('button', { name: 'Create token' }).click()
  const line = await page.locator('#snip-curl').textContent()
  const feed = await page.context().newPage()
  await feed.goto(server.url + '/topic/first-light')
  await feed.locator('[data-live=on]').waitFor()
  execFileSync('sh', ['-c', line])
  await feed.locator('article', { hasText: 'It works' }).waitFor()
  await page.locator('[data-wait]', { hasText: 'It works.' }).waitFor()
  assert.ok(Date.now() - begin < 60_000, 'from the link to the first message in more than a minute')
  const again = await page.goto(url)
  assert.equal(again.status(), 401)
  await look(page, 'setup link used')
})

test('signing in: wrong password, right password, sign out', async () => {
  const { signedIn, world } = await import('./world.mjs')
  const server = await world()
  const page = await (await open()).newPage()
  const asked = await page.goto(server.url + '/settings/keys')
  assert.equal(asked.status(), 401)
  await page.fill('#email', 'maria@home.example')
  await page.fill('#password', 'not the password')
  await page.click('main button[type=submit]')
  assert.match(await page.locator('[role=alert]').innerText(), /Wrong email, username or password/)
  await look(page, 'wrong password')
  await page.fill('#password', password)
  await page.click('main button[type=submit]')
  await page.waitForURL(server.url + '/settings/keys')
  const other = await signedIn(server, { form: true })
  await other.click('.menu summary')
  await other.click('.menu button')
  assert.equal(await other.locator('h1').innerText(), 'Signed out')
  assert.equal((await other.goto(server.url + '/settings')).status(), 401)
})
