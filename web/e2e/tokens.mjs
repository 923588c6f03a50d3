// The access tokens tab, driven as a person drives it: by mouse, by keyboard, without script, on plain HTTP.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { look } from './axe.mjs'
import { api, password, serve, setUp, signedIn, topic, world } from './world.mjs'

const longName = 'a-name-of-exactly-sixty-characters-without-any-break-in-it-x'
const tab = (server, name) => `${server.url}/topic/${name}/settings/tokens`
const make = (server, name, token, permissions = ['publish'], more = {}) =>
  api(server, 'POST', `/api/topics/${name}/access-tokens`, { name: token, permissions, ...more })
const send = (server, name, token) => fetch(`${server.url}/${name}`, { method: 'POST', body: 'hello', headers: { 'X-Topic-Token': token } })
const focused = page => page.evaluate(() => document.activeElement?.innerText?.trim() || document.activeElement?.ariaLabel || document.activeElement?.id || document.activeElement?.name)

test('from the topic page to a delivered curl message in six actions and 30 seconds', async () => {
  const server = await world()
  await topic(server, 'first-try')
  const page = await signedIn(server)
  await page.goto(`${server.url}/topic/first-try`)
  const begin = Date.now()
  let actions = 0
  const act = async doing => { actions++; await doing }
  await act(page.click('[aria-label="Topic settings"]'))
  await act(page.click('nav.pages >> text=Access Tokens'))
  await act(page.click('text=Create your first token'))
  await page.locator('dialog[open] #name').waitFor()
  assert.equal(await focused(page), 'name')
  await act(page.keyboard.type('backup job'))
  await act(page.keyboard.press('Enter'))
  await page.locator('.reveal').waitFor()
  assert.match(await focused(page), /^Copy "backup job" now/)
  await act(page.click('[data-copy=snip-curl]'))
  const line = await page.locator('#snip-curl').textContent()
  await page.locator('#said:visible', { hasText: 'Copied' }).waitFor()
  execFileSync('sh', ['-c', line])
  assert.ok(actions <= 6, `${actions} actions`)
  assert.ok(Date.now() - begin < 30_000)
  await page.locator('[data-wait]', { hasText: 'It works.' }).waitFor()
  assert.match(await page.locator('[data-token] [data-total]').innerText(), /^1$/)
  assert.equal(await page.locator('[data-unused]').count(), 0)
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('back, refresh, a second tab and the test message', async () => {
  const server = await world()
  await topic(server, 'one-secret')
  const page = await signedIn(server)
  await page.goto(tab(server, 'one-secret') + '?new&preset=ci')
  assert.equal(await page.inputValue('#name'), 'CI pipeline')
  assert.equal(await page.inputValue('#expires'), '365')
  await page.click('text=Home automation')
  assert.equal(await page.isChecked('#subscribe'), true)
  await page.dblclick('main button[type=submit]')
  await page.locator('.reveal').waitFor()
  const secret = await page.inputValue('#secret')
  const button = () => page.locator('[data-test] button').evaluate(b => { const { x, y } = b.getBoundingClientRect(); return [x, Math.round(y)] })
  const before = await button()
  await page.click('text=Send a test message')
  await page.locator('[data-test] .good', { hasText: 'Delivered' }).waitFor()
  await page.locator('[data-works] time').waitFor()
  assert.deepEqual(await button(), before, 'the button moves when the answer comes')
  assert.equal(await page.locator('[data-works]').evaluate(p => getComputedStyle(p).fontSize === getComputedStyle(p.querySelector('time')).fontSize), true, 'the time stands out of its sentence')
  const second = await page.context().newPage()
  await second.goto(page.url())
  assert.equal((await second.content()).includes(secret), false)
  await page.reload()
  await page.locator('text=already shown').waitFor()
  assert.equal((await page.content()).includes(secret), false)
  await page.goBack()
  assert.equal((await page.content()).includes(secret), false)
  const list = await api(server, 'GET', '/api/topics/one-secret/access-tokens')
  assert.equal(list.length, 1)
  await page.context().close()
})

test('leaving with a secret that was not copied asks once', async () => {
  const server = await world()
  await topic(server, 'careful')
  const page = await signedIn(server)
  await page.goto(tab(server, 'careful') + '?new')
  await page.fill('#name', 'x')
  await page.click('main button[type=submit]')
  await page.locator('.reveal').waitFor()
  let asked = 0
  page.on('dialog', d => { asked++; d.accept() })
  await page.click('text=I have saved it')
  await page.waitForURL(/next=/)
  assert.equal(asked, 1)
  await page.context().close()
})

test('create, copy, rotate and revoke by keyboard alone', async () => {
  const server = await world()
  await topic(server, 'keys-only')
  const page = await signedIn(server)
  await page.goto(tab(server, 'keys-only'))
  const tabTo = async wanted => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab')
      const now = await focused(page)
      assert.ok(now, 'the focus is lost')
      if (now.startsWith(wanted)) return
    }
    assert.fail(`Tab never reaches ${wanted}`)
  }
  await tabTo('Create your first token')
  await page.keyboard.press('Enter')
  await page.locator('dialog[open] #name').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  assert.equal(await focused(page), 'Create your first token')
  await page.keyboard.press(' ')
  await page.locator('dialog[open] #name').waitFor()
  await page.keyboard.type('typed')
  await page.keyboard.press('Enter')
  await page.locator('.reveal').waitFor()
  await tabTo('Copy token')
  await page.keyboard.press('Enter')
  await page.locator('#said', { hasText: /Copied|selected/ }).waitFor({ state: 'attached' })
  assert.match(await focused(page), /Copy token|secret/)
  await tabTo('More for typed')
  await page.keyboard.press('Enter')
  await tabTo('Rotate')
  await page.keyboard.press('Enter')
  await page.locator('dialog[open]').waitFor()
  await tabTo('Rotate token')
  await page.keyboard.press('Enter')
  await page.locator('.reveal').waitFor()
  await tabTo('Copy token')
  await page.keyboard.press('Enter')
  await tabTo('More for typed')
  await page.keyboard.press('Enter')
  await tabTo('Revoke')
  await page.keyboard.press('Enter')
  await page.locator('dialog[role=alertdialog]').waitFor()
  assert.equal(await focused(page), 'Keep it')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await page.locator('[data-flash]', { hasText: 'is revoked' }).waitFor()
  assert.equal(await focused(page), 'Create token')
  await page.context().close()
})

test('the same four with script off', async () => {
  const server = await world()
  await topic(server, 'no-script')
  const page = await signedIn(server, { javaScriptEnabled: false })
  await page.goto(tab(server, 'no-script'))
  await page.click('text=Create your first token')
  await page.click('text=Server monitoring')
  assert.equal(await page.inputValue('#name'), 'Server monitoring')
  await page.click('main button[type=submit]')
  const first = await page.inputValue('#secret')
  assert.equal((await send(server, 'no-script', first)).status, 200)
  await page.goto(tab(server, 'no-script'))
  await page.click('.tok summary')
  await page.locator('.acts >> text=Rotate').click()
  await page.click('label:has(input[name=grace][value="3600"])')
  await page.click('main button.main')
  const next = await page.inputValue('#secret')
  assert.equal((await send(server, 'no-script', first)).status, 200)
  assert.equal((await send(server, 'no-script', next)).status, 200)
  await page.goto(tab(server, 'no-script'))
  await page.click('.tok summary')
  await page.locator('.acts >> text=Revoke').click()
  await page.click('main button.bad')
  assert.match(await page.locator('[data-flash]').innerText(), /is revoked/)
  assert.equal((await send(server, 'no-script', next)).status, 401)
  await page.context().close()
})

test('what revoking in the middle of a long list did is in sight, and so is the next card', async () => {
  const server = await world()
  await topic(server, 'many')
  for (let i = 0; i < 12; i++) await make(server, 'many', 'job ' + i)
  const page = await signedIn(server, { viewport: { width: 390, height: 800 } })
  await page.goto(tab(server, 'many'))
  await page.locator('[data-token]', { hasText: 'job 5' }).locator('summary').click()
  await page.locator('[data-token]', { hasText: 'job 5' }).locator('.acts >> text=Revoke').click()
  await page.click('dialog button.bad')
  await page.locator('#said', { hasText: '"job 5" is revoked' }).waitFor()
  assert.equal(await focused(page), 'job 4')
  for (const shown of ['#said', 'h3:focus']) assert.ok(await page.locator(shown).evaluate(x => {
    const at = x.getBoundingClientRect()
    return at.top >= 0 && at.bottom <= innerHeight && at.height > 10
  }), shown + ' is out of sight')
  await page.context().close()
})

test('what another tab did to a token shows in an open one', async () => {
  const server = await world()
  await topic(server, 'two-tabs')
  const [revoked, rotated] = [await make(server, 'two-tabs', 'first'), await make(server, 'two-tabs', 'second')]
  const page = await signedIn(server)
  await page.goto(tab(server, 'two-tabs'))
  const row = k => page.locator('#' + k.id), at = k => `/api/topics/two-tabs/access-tokens/${k.id}`
  await row(rotated).locator('summary').focus()
  const next = await api(server, 'POST', at(rotated) + '/rotate', { grace_seconds: 3600 })
  await row(rotated).getByText(next.hint).waitFor()
  await row(rotated).getByText('Rotating').waitFor()
  assert.equal(await focused(page), 'second')
  await api(server, 'DELETE', at(revoked))
  await row(revoked).locator('.badge', { hasText: 'Revoked' }).waitFor()
  assert.equal(await row(revoked).locator('.acts a', { hasText: 'Rotate' }).count(), 0)
  const away = hidden => page.evaluate(value => {
    Object.defineProperty(document, 'hidden', { configurable: true, value })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
  await away(true)
  await api(server, 'DELETE', at(rotated))
  await away(false)
  await row(rotated).locator('.badge', { hasText: 'Revoked' }).waitFor()
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

const address = Object.values(networkInterfaces()).flat().find(i => i.family === 'IPv4' && !i.internal)?.address

test('on a short screen, as with a zoom of 200 %, no button covers a field', async () => {
  const server = await world()
  await topic(server, 'short-screen')
  const page = await signedIn(server, { viewport: { width: 640, height: 400 } })
  await page.goto(tab(server, 'short-screen') + '?new')
  const covered = await page.locator('#name').evaluate(f => { const { x, y, width, height } = f.getBoundingClientRect(); return document.elementFromPoint(x + width / 2, y + height / 2) !== f })
  assert.equal(covered, false, 'the field of the name is covered')
  await page.context().close()
})

test('copying on plain HTTP', { skip: address ? false : 'this machine has no address but loopback' }, async () => {
  const server = await serve({}, '0.0.0.0')
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
  await topic(server, 'lan')
  const origin = `http://${address}:${server.port}`
  const page = await signedIn(server, { origin })
  await page.goto(origin + '/topic/lan/settings/tokens?new')
  assert.equal(await page.evaluate(() => isSecureContext), false)
  await page.fill('#name', 'lan')
  await page.click('main button[type=submit]')
  await page.locator('text=This page came over plain HTTP').waitFor()
  await page.click('text=Copy token')
  assert.match(await page.locator('#said').textContent(), /Copied|Ctrl\+C/)
  assert.equal(await page.locator('#secret').evaluate(i => i.selectionEnd - i.selectionStart), 46)
  await page.click('text=Send a test message')
  await page.locator('[data-test] .good').waitFor()
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

// states are all that the tab can look like; each is looked at in both schemes and at both ends of the widths.
async function states(server, page, name) {
  const at = tab(server, name), id = (await api(server, 'GET', `/api/topics/${name}/access-tokens`))[0].id
  return [
    ['list', () => page.goto(at)], ['empty', () => page.goto(tab(server, 'look-empty'))],
    ['create', () => page.goto(at + '?new&preset=webhook')],
    ['rotate', () => page.goto(`${at}/${id}/rotate`)], ['revoke', () => page.goto(`${at}/${id}/revoke`)],
    ['details', () => page.goto(`${at}/${id}`)],
    ['error', async () => { await page.goto(at + '?new'); await page.uncheck('#publish'); await page.fill('#name', 'x'); await page.click('main button[type=submit]') }],
    ['reveal', async () => { await page.goto(at + '?new'); await page.fill('#name', 'seen ' + Math.random()); await page.click('main button[type=submit]'); await page.locator('.reveal').waitFor() }],
    ['folds', async () => { await page.goto(at); await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true })) }],
  ]
}

for (const colorScheme of ['light', 'dark'])
  for (const width of [320, 1280])
    test(`every state at ${width} px, ${colorScheme}`, async () => {
      const server = await world(), name = `look-${colorScheme}-${width}`
      await topic(server, name)
      await topic(server, 'look-empty').catch(() => {})
      await make(server, name, longName, ['publish', 'subscribe'], { expires_at: new Date(Date.now() + 5 * 864e5).toISOString(), note: 'W'.repeat(120) })
      const gone = await make(server, name, 'gone')
      const k = await make(server, name, 'rotating')
      await api(server, 'POST', `/api/topics/${name}/access-tokens/${k.id}/rotate`, { grace_seconds: 3600 })
      await api(server, 'DELETE', `/api/topics/${name}/access-tokens/${gone.id}`)
      await send(server, name, gone.token)
      await send(server, name, k.token)
      const page = await signedIn(server, { colorScheme, viewport: { width, height: 800 } })
      page.on('dialog', d => d.accept())
      for (const [state, show] of await states(server, page, name)) {
        await show()
        await look(page, `${state} ${width} ${colorScheme}`)
      }
      await page.context().close()
    })

test('what says that a filter finds nothing lies over nothing, and nothing over it', async () => {
  const server = await world()
  await topic(server, 'filtered')
  for (let i = 0; i < 8; i++) await topic(server, 'filtered-' + i)
  for (const name of ['a', 'b', 'c', 'd']) await api(server, 'POST', '/api/topics/filtered/access-tokens', { name, permissions: ['publish'] })
  for (const width of [1280, 390]) {
    const page = await signedIn(server, { viewport: { width, height: 844 } })
    for (const path of ['/topic/filtered/settings/tokens', '/docs/api', '/']) {
      await page.goto(server.url + path)
      await page.fill('#filter', 'zzzz')
      await page.locator('[data-filter] [role=status]:visible').waitFor()
      const hit = await page.locator('[data-filter] [role=status]').evaluate(p => {
        const a = p.getBoundingClientRect(), at = document.elementFromPoint(a.x + a.width / 2, a.y + a.height / 2)
        const crossed = [...document.querySelectorAll('main .chip, main .card, main a, main h2, .side a')].filter(x => {
          const b = x.getBoundingClientRect()
          return x.checkVisibility() && b.width && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
        })
        return [at === p ? '' : at?.outerHTML.slice(0, 80) ?? 'off screen', ...crossed.map(x => x.outerHTML.slice(0, 80))].filter(Boolean)
      })
      assert.deepEqual(hit, [], `${path} at ${width}`)
    }
    await page.context().close()
  }
})
