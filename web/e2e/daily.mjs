// What makes a page worth keeping open: counts in the tab, a line at the last visit, keys, undo.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { publish, signedIn, topic, world } from './world.mjs'

let server
before(async () => {
  server = await world()
  await topic(server, 'daily', Array.from({ length: 120 }, (_, i) => `message ${i}.`))
})

async function hide(page, hidden) {
  await page.evaluate(hidden => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
}

async function open(path = '/topic/daily') {
  const page = await signedIn(server)
  await page.goto(server.url + path)
  await page.locator('[data-live=on]').waitFor()
  return page
}

test('the tab counts what is new below the fold, and stops when it is seen', async () => {
  const page = await open()
  await page.evaluate(() => scrollTo(0, 2500))
  await publish(server, 'daily', 'one')
  await publish(server, 'daily', 'two')
  await page.waitForFunction(() => document.title.startsWith('(2) '))
  assert.match(await page.locator('link[rel=icon]').getAttribute('href'), /icon-new\.svg/)
  assert.ok(await page.evaluate(() => fetch(document.querySelector('link[rel=icon]').href).then(r => r.ok)))
  await page.evaluate(() => scrollTo(0, 0))
  await page.waitForFunction(() => !document.title.startsWith('('))
  assert.doesNotMatch(await page.locator('link[rel=icon]').getAttribute('href'), /icon-new/)
  await page.context().close()
})

test('a line stands where the last visit ended, also when a tab was in the background', async () => {
  let page = await open()
  await page.context().close()
  await publish(server, 'daily', 'while away 1')
  await publish(server, 'daily', 'while away 2')
  page = await open()
  const order = () => page.locator('#feed').evaluate(f => [...f.querySelectorAll('article,[data-since]')].slice(0, 6).map(x => x.dataset.since === '' ? 'line' : x.innerText.match(/while \w+ \d|message \d+|one|two/)?.[0]))
  assert.deepEqual((await order()).slice(0, 3), ['while away 2', 'while away 1', 'line'])
  await hide(page, true)
  await publish(server, 'daily', 'while hidden 3')
  await hide(page, false)
  await page.getByText('while hidden 3').waitFor()
  await page.waitForFunction(() => /while hidden 3/.test(document.querySelector('[data-since]')?.previousElementSibling?.innerText))
  assert.deepEqual((await order()).slice(0, 3), ['while hidden 3', 'line', 'while away 2'])
  await page.context().close()
})

test('repeats on both sides of the line are one again once the line is gone', async () => {
  const urgent = () => publish(server, 'daily-fold', { title: 'Same', message: 'again', priority: 4 })
  await topic(server, 'daily-fold')
  await urgent()
  await urgent()
  const page = await open('/topic/daily-fold?priority_min=4'), counts = () => page.locator('#feed article:not(.rep) [data-repeats] .badge').allInnerTexts()
  await hide(page, true)
  await urgent()
  await urgent()
  await hide(page, false)
  await page.locator('[data-since]').waitFor()
  assert.deepEqual(await counts(), ['× 2', '× 2'])
  await hide(page, true)
  await publish(server, 'daily-fold', { title: 'Other', message: 'not shown here', priority: 3 })
  await hide(page, false)
  await page.locator('[data-since]').waitFor({ state: 'detached' })
  assert.deepEqual(await counts(), ['× 4'])
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('older messages come in place, and the focus goes on to them', async () => {
  const page = await open()
  const count = () => page.locator('article[data-id]').count()
  const first = await count()
  await page.locator('[data-older]').click()
  await page.waitForFunction(n => document.querySelectorAll('article[data-id]').length === n, first + 50)
  assert.equal(await page.evaluate(() => [...document.querySelectorAll('article[data-id]')].indexOf(document.activeElement)), first)
  assert.equal(new URL(page.url()).search, '')
  while (await page.locator('[data-older]').isVisible()) {
    const n = await count()
    await page.locator('[data-older]').click()
    await page.waitForFunction(n => document.querySelectorAll('article[data-id]').length > n, n)
  }
  await page.getByText('message 0.', { exact: true }).waitFor()
  const ids = await page.locator('article[data-id]').evaluateAll(all => all.map(a => a.dataset.id))
  assert.deepEqual(ids, [...new Set(ids)].sort().reverse())
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('keys move, search, compose and explain themselves', async () => {
  const page = await open()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  const at = () => page.evaluate(() => [...document.querySelectorAll('article[data-id]')].indexOf(document.activeElement))
  assert.equal(await at(), 1)
  await page.keyboard.press('k')
  assert.equal(await at(), 0)
  await page.keyboard.press('/')
  assert.equal(await page.evaluate(() => document.activeElement.type), 'search')
  await page.keyboard.type('j')
  assert.equal(await page.evaluate(() => document.activeElement.value), 'j')
  await page.keyboard.press('Escape') // empties the field, as browsers do
  await page.keyboard.press('Escape')
  assert.equal(await page.evaluate(() => document.activeElement), await page.evaluate(() => document.body))
  await page.keyboard.press('c')
  assert.ok(await page.locator('#publish').evaluate(d => d.open))
  assert.ok(await page.evaluate(() => document.activeElement.closest('#publish')))
  await page.evaluate(() => document.activeElement.blur())
  await page.keyboard.press('?')
  await page.locator('dialog.keys').waitFor()
  await page.getByRole('button', { name: 'Turn shortcuts off' }).click()
  await page.keyboard.press('g')
  await page.keyboard.press('h')
  await page.waitForTimeout(200)
  assert.ok(page.url().endsWith('/topic/daily'))
  await page.keyboard.press('Control+k')
  await page.locator('dialog.jumpto input').fill('shortcuts')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Turn shortcuts on' }).click()
  await page.keyboard.press('g')
  await page.keyboard.press('h')
  await page.waitForURL(server.url + '/')
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('a message is copied as text, as a link and as a curl line', async () => {
  const m = await publish(server, 'daily', { title: 'Copy', message: "it's me", priority: 4 })
  const page = await signedIn(server)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url })
  for (const path of ['/topic/daily', '/inbox']) {
    await page.goto(server.url + path)
    const copied = async what => {
      await page.locator(`#m-${m.id} [data-menu] > summary`).click()
      await page.locator(`#m-${m.id} [data-menu] ${what}`).click()
      return page.evaluate(() => navigator.clipboard.readText())
    }
    assert.equal(await copied('[data-copy-text]'), "Copy\nit's me")
    assert.equal(await copied('[data-copy-link]'), `${server.url}/topic/daily#m-${m.id}`)
    assert.equal(await copied('[data-copy-curl]'), `curl -fsS -d 'it'\\''s me' -H 'X-Title: Copy' -H "X-Priority: 4" -H "X-Topic-Token: $NOTIFER_TOPIC_TOKEN" ${server.url}/daily`)
  }
  await page.context().close()
})

test('a message is deleted with a way back', async () => {
  await publish(server, 'daily', 'delete me')
  await publish(server, 'daily', 'keep me')
  const page = await open()
  const remove = async text => {
    const m = page.locator('article[data-id]', { hasText: text })
    const menu = m.locator('details[data-menu] > summary')
    if (await menu.count()) await menu.click()
    await m.locator('a[href$="/delete"]').click()
    await m.waitFor({ state: 'hidden' })
  }
  await remove('keep me')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.locator('#feed').getByText('keep me').waitFor()
  const other = await page.context().newPage()
  await other.goto(server.url + '/topic/daily')
  await other.locator('[data-live=on]').waitFor()
  await remove('delete me')
  await page.goto(server.url + '/topic/daily')
  await other.locator('#feed article', { hasText: 'delete me' }).waitFor({ state: 'detached' })
  await page.locator('#feed').getByText('keep me').waitFor()
  await page.waitForTimeout(300)
  await page.reload()
  assert.equal(await page.locator('#feed').getByText('delete me').count(), 0)
  assert.deepEqual(page.troubles, [])
  await page.route('**/delete', r => r.abort())
  await remove('keep me')
  await page.evaluate(() => dispatchEvent(new Event('pagehide')))
  await page.locator('#feed').getByText('keep me').waitFor()
  await page.getByText('The message could not be deleted.').waitFor()
  await page.context().close()
})
