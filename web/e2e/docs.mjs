// The documentation: search, the reader's own topic in the examples, the list of calls and its filter, with script and without.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { everywhere } from './axe.mjs'
import { open, signedIn, topic, world } from './world.mjs'

let server
before(async () => {
  server = await world()
  await topic(server, 'mine', ['newest of all'])
  await topic(server, 'other')
})

test('searching the docs needs no script and leads to the section', async () => {
  const page = await (await open({ javaScriptEnabled: false, viewport: { width: 390, height: 700 } })).newPage()
  await page.goto(server.url + '/docs')
  await page.fill('#docs-q', 'idempotency key')
  await page.locator('#docs-q').press('Enter')
  assert.ok(await page.locator('.hits mark').count() > 1)
  const link = page.locator('.hits a').first(), path = await link.getAttribute('href')
  await link.click()
  assert.equal(new URL(page.url()).pathname + new URL(page.url()).hash, path)
  await page.context().close()
})

test('results, and no result, at all widths', async () => {
  const page = await signedIn(server)
  for (const path of ['/docs?q=proxy', '/docs?q=nothing-has-this', '/docs/publish', '/docs/api']) {
    await page.goto(server.url + path)
    await everywhere(page, path, path === '/docs/api' ? [320] : [320, 1280]) // that page is long
  }
  await page.context().close()
})

test('the examples name a topic of the reader, who may choose another', async () => {
  const page = await signedIn(server)
  await page.goto(server.url + '/docs/publish?topic=mine')
  const first = page.locator('.doc pre').first()
  assert.ok((await first.innerText()).includes(server.url + '/mine'))
  await page.click('.note summary')
  await page.click('.note .menu a:text-is("other")')
  assert.ok((await first.innerText()).includes(server.url + '/other'))
  await page.goto(server.url + '/docs/api') // the choice is kept
  assert.ok((await page.locator('.op[open] pre').first().innerText()).includes(server.url + '/other'))
  assert.ok(!(await page.locator('.op[open]').first().innerText()).includes('server-alerts'))
  await page.context().close()
})

test('no copy button covers code on a phone', async () => {
  const page = await (await open({ viewport: { width: 390, height: 700 } })).newPage()
  for (const slug of ['publish', 'tokens', 'receive', 'api']) {
    await page.goto(server.url + '/docs/' + slug)
    const covered = await page.locator('figure.code:visible').evaluateAll(all => all.filter(f => {
      const range = document.createRange(), b = f.querySelector('button').getBoundingClientRect()
      range.selectNodeContents(f.querySelector('code'))
      return [...range.getClientRects()].some(r => r.right > b.left + 4 && r.left < b.right && r.bottom > b.top + 4 && r.top < b.bottom - 4)
    }).length)
    assert.equal(covered, 0, slug)
  }
  await page.context().close()
})

test('every call stands once, says what it needs, has an example, and opens by its link', async () => {
  const page = await (await open()).newPage()
  await page.goto(server.url + '/docs/api')
  const names = await page.locator('.side .g a').allInnerTexts()
  assert.equal(new Set(names).size, names.length)
  assert.equal(names[0], 'Publish a message')
  for (const op of await page.locator('.op:not([id^=schema-])').all()) assert.ok(await op.locator('figure.code').count() > 0)
  const link = page.locator('.side .g a', { hasText: 'Create an access token' })
  await link.click()
  await page.locator((await link.getAttribute('href')).replaceAll('{', '') + '[open]').waitFor()
  await page.fill('#filter', 'rotate')
  assert.ok(await page.locator('.side .g a:visible').count() < 6)
  assert.equal(await page.locator('main h2:visible', { hasText: 'Health' }).count(), 0)
  await page.context().close()
})
