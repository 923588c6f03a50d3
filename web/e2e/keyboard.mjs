import assert from 'node:assert/strict'
import { test } from 'node:test'
import { api, open, password, signedIn, topic, world } from './world.mjs'

const focused = page => page.evaluate(() => document.activeElement?.innerText?.trim() || document.activeElement?.id)

// tabTo presses Tab until the focus is on what is wanted.
async function tabTo(page, wanted) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    if ((await focused(page)).startsWith(wanted)) return
  }
  assert.fail(`Tab never reaches ${wanted}`)
}

test('signing in, making a topic and publishing by keyboard alone', async () => {
  const server = await world()
  await topic(server, 'in-the-list')
  const page = await (await open()).newPage()
  await page.goto(server.url + '/')
  assert.equal(await focused(page), 'email')
  await page.keyboard.type('maria@home.example')
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.locator('h1', { hasText: 'Topics' }).waitFor()
  await page.keyboard.press('Tab')
  assert.equal(await focused(page), 'Skip to content')

  await tabTo(page, 'New topic')
  await page.keyboard.press('Enter')
  await page.locator('dialog[open]').waitFor()
  assert.equal(await focused(page), 'name')
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  assert.equal(await focused(page), 'New topic')
  await page.keyboard.press(' ')
  await page.locator('dialog[open]').waitFor()
  await page.keyboard.type('by-hand')
  await page.keyboard.press('Enter')
  await page.waitForURL(server.url + '/topic/by-hand')

  await tabTo(page, 'Publish')
  await page.keyboard.press('Enter')
  await tabTo(page, 'message')
  await page.keyboard.type('typed')
  await tabTo(page, 'Publish')
  await page.keyboard.press('Enter')
  await page.locator('.msg', { hasText: 'typed' }).waitFor()

  await page.keyboard.press('Control+k')
  await page.keyboard.type('in-the')
  await page.getByRole('option', { name: 'in-the-list', selected: true }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(server.url + '/topic/in-the-list')
  await page.context().close()
})

test('Ctrl K: the row chosen by arrows stays when the names arrive, and Enter waits for them', async () => {
  const server = await world()
  await topic(server, 'late-names')
  for (let i = 0; i < 60; i++) await topic(server, 'many-' + i)
  const page = await signedIn(server)
  let release
  const opened = async () => {
    const asked = new Promise(resolve => page.route('**/?part=names', route => { release = () => route.continue(); resolve() }, { times: 1 }))
    await page.goto(server.url + '/docs')
    await page.keyboard.press('Control+k')
    await asked
  }
  await opened()
  await page.keyboard.press('ArrowDown')
  const chosen = await page.locator('[aria-selected=true] span').innerText()
  await release()
  await page.getByRole('option', { name: 'late-names' }).waitFor()
  assert.equal(await page.locator('[aria-selected=true] span').innerText(), chosen)
  await opened()
  await page.keyboard.type('late-n')
  await page.keyboard.press('Enter')
  await release()
  await page.waitForURL(server.url + '/topic/late-names')
  await page.context().close()
  for (let i = 0; i < 60; i++) await api(server, 'DELETE', '/api/topics/many-' + i)
})
