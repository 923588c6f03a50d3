import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { everywhere, look } from './axe.mjs'
import { api, open, password, publish, signedIn, topic, world } from './world.mjs'

export const longName = 'a-name-of-exactly-sixty-characters-without-any-break-in-it-x'
const long = 'W'.repeat(300)
let server, token, message

before(async () => {
  server = await world()
  await topic(server, longName, [
    { message: long, title: long.slice(0, 200), tags: ['tada', 'x'.repeat(60)], priority: 5, url: 'https://grafana.home.example/' + 'd'.repeat(200) },
    { message: '# Report\n\n- **one**\n- `two`\n\n```\n' + long + '\n```\n', markdown: true, priority: 4 },
    { message: 'line\n'.repeat(60), priority: 1 }, { message: 'plain', priority: 2 }, { message: 'plain' },
  ])
  await topic(server, 'quiet')
  await topic(server, 'weather', ['Frost tonight'], { access_level: 'public', is_discoverable: true, description: 'Of *tomorrow*.' })
  token = await api(server, 'POST', `/api/topics/${longName}/access-tokens`, { name: longName, permissions: ['publish', 'subscribe'] })
  await api(server, 'POST', '/api/keys', { name: longName, scopes: ['publish', 'topics:read'] })
  await api(server, 'POST', '/api/users', { email: 'tom@home.example', username: 'tom', password })
  message = await publish(server, longName, 'the newest')
})

const paths = () => {
  const at = `/topic/${longName}`
  return ['/', '/inbox', '/inbox?q=nothing', '/devices', '/?new', '/?show=all', '/?show=catalog', at, `${at}?q=nothing&tag=disk`, `${at}?before=${message.id}`,
    `${at}/messages/${message.id}/delete`, `${at}/settings`, `${at}/settings/tokens`, `${at}/settings/tokens?new`,
    `${at}/settings/tokens/${token.id}/revoke`, `${at}/settings/activity`, `${at}/settings/advanced`, `${at}/settings/advanced?delete`,
    '/topic/quiet', '/topic/quiet/settings/tokens', '/topic/weather', '/topic/weather/settings/tokens', '/settings', '/settings?email', '/settings/delete', '/settings/security',
    '/settings/keys', '/settings/keys?new', '/settings/preferences', '/admin', '/admin/users', '/admin/users?new', '/admin/topics',
    '/docs', '/docs/publish', '/docs/tokens', '/docs/recipes', '/no/such/page', '/topic/unknown']
}

test('every page in both schemes at three widths', async () => {
  const list = paths()
  const lookAtAll = async () => {
    const page = await signedIn(server)
    for (let path; path = list.shift();) {
      await page.goto(server.url + path)
      await everywhere(page, path)
    }
    await page.context().close()
  }
  await Promise.all([lookAtAll(), lookAtAll()])
})

test('pages of a reader who has not signed in', async () => {
  const page = await (await open({ viewport: { width: 320, height: 700 } })).newPage()
  for (const path of ['/topic/weather', '/login', '/docs', `/topic/${longName}`]) {
    await page.goto(server.url + path)
    await look(page, 'stranger ' + path)
  }
  assert.equal(await page.locator('h1').innerText(), 'Sign in to Notifer')
})

test('dialogs are as sound as the pages they stand for', async () => {
  for (const width of [320, 1280]) {
    const page = await signedIn(server, { viewport: { width, height: 800 } })
    for (const path of ['/', `/topic/${longName}/settings/tokens`, `/topic/${longName}/settings/advanced`, '/settings', '/settings/keys', '/admin/users']) {
      await page.goto(server.url + path)
      for (const link of (await page.locator('main a[data-dialog]').all()).slice(0, 4)) {
        await link.evaluate(a => a.closest('details')?.setAttribute('open', ''))
        await link.click()
        await page.locator('dialog[open]').waitFor()
        await look(page, `dialog on ${path} ${width}`)
        await page.keyboard.press('Escape')
        await page.locator('dialog').waitFor({ state: 'detached' })
      }
    }
    await page.context().close()
  }
})

test('on a phone the button of a sheet is in sight, and tables of the documentation scroll without breaking words', async () => {
  const page = await signedIn(server, { viewport: { width: 390, height: 700 } })
  for (const [path, link] of [['/', 'New topic'], [`/topic/${longName}/settings/tokens`, 'Create token'], ['/settings/keys', 'Create key']]) {
    await page.goto(server.url + path)
    await page.locator('a[data-dialog]', { hasText: link }).first().click()
    const button = page.locator('dialog[open] .foot button[type=submit]')
    const inSight = () => button.evaluate(b => {
      const at = b.getBoundingClientRect()
      return at.bottom <= innerHeight && b.contains(document.elementFromPoint(at.left + at.width / 2, at.bottom - 3))
    })
    await button.waitFor()
    assert.ok(await inSight(), 'the button is out of sight: ' + path)
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab')
      assert.ok(await page.evaluate(() => {
        const field = document.activeElement, at = field.getBoundingClientRect(), bar = document.querySelector('dialog .foot')
        return bar.contains(field) || field.contains(bar) || !field.closest('dialog') || at.bottom <= bar.getBoundingClientRect().top
      }), 'the bar covers the focus: ' + path)
    }
  }
  for (const slug of ['publish', 'tokens', 'hosting', 'api']) {
    await page.goto(server.url + '/docs/' + slug)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, slug)
    const broken = await page.locator('td code').evaluateAll(all => all.filter(c => !/[-\s]/.test(c.textContent) && c.getClientRects().length > 1).map(c => c.textContent))
    assert.deepEqual(broken, [], slug)
  }
  await page.context().close()
})

test('on paper there is dark text and nothing to press, whatever the theme', async () => {
  const page = await signedIn(server, { colorScheme: 'dark' })
  await page.goto(server.url + '/topic/weather')
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  assert.match(await page.locator('.msg .text').first().evaluate(x => getComputedStyle(x).color), /^rgb\((\d|[1-9]\d), /)
  assert.equal(await page.locator('main .btn:visible, main .ib:visible').count(), 0)
  for (const [path, what] of [['/topic/weather', '#feed'], ['/docs/publish', '.doc']]) { // a page on its side is as wide as a screen
    await page.goto(server.url + path)
    const text = await page.locator(what).boundingBox()
    assert.ok(text.width > 700, `${path} is ${text.width} px wide`)
  }
  await page.context().close()
})

test('what went wrong stays at the foot of the page until it is dismissed', async () => {
  const page = await signedIn(server)
  await page.clock.install()
  await page.goto(server.url + '/')
  const said = page.locator('#said')
  for (const kind of ['good', 'bad']) {
    await page.evaluate(kind => {
      const note = document.createElement('div')
      note.className = 'note flash ' + kind
      note.textContent = 'The topic ' + kind
      window.notifer.say(note)
    }, kind)
    await page.clock.fastForward('01:00')
    assert.equal(await said.getByText('The topic ' + kind).count(), kind === 'bad' ? 1 : 0, kind)
  }
  await said.getByRole('button', { name: 'Dismiss' }).click()
  assert.equal(await said.innerText(), '')
  await page.context().close()
})
