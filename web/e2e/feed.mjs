// Whatever comes, and however the page was left: the open topic page holds exactly what history holds, or a seam stands
// where something is left out and loads it.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { api, publish, relay, serve, setUp, signedIn, topic } from './world.mjs'

let server, wire
before(async () => {
  server = await serve({ NOTIFER_STREAM_HEARTBEAT: '1s' })
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password: 'correct horse battery' })).access_token
  wire = await relay(server.port)
})

// burst publishes messages, many at a time as scripts do.
async function burst(name, count) {
  for (let i = 0; i < count; i += 50) {
    await Promise.all(Array.from({ length: Math.min(50, count - i) }, (_, k) => publish(server, name, `${name} ${i + k}`)))
  }
}

async function history(name) {
  const ids = []
  for (let after = '00000000000a'; after;) {
    const reply = await fetch(`${server.url}/${name}/json?limit=100&after=${after}`, { headers: { Authorization: 'Bearer ' + server.jwt } })
    const list = await reply.json()
    ids.push(...list.map(m => m.id))
    after = list.length ? reply.headers.get('X-Next') : null
  }
  return ids.reverse()
}

// shown is what the feed holds from its top down: ids, and null where a seam stands.
const shown = page => page.locator('#feed').evaluate(feed =>
  [...feed.querySelectorAll('article,.seam')].map(x => x.dataset.id ?? null))

// settled waits until the newest message is on the page.
async function settled(page, name) {
  const [newest] = await history(name)
  await page.locator(`#m-${newest}`).waitFor({ timeout: 60000 })
}

// joined asserts that the page agrees with history, and that each seam counts what it leaves out.
async function joined(page, want) {
  const got = await shown(page)
  const texts = await page.locator('.seam a').allInnerTexts()
  let place = 0
  for (const [i, id] of got.entries()) {
    if (id === null) {
      const next = want.indexOf(got[i + 1])
      assert.equal(texts.shift(), `Show ${(next - place).toLocaleString('en')} message${next - place === 1 ? '' : 's'} in between`)
      place = next
    } else assert.equal(id, want[place++], 'in order, none missing, none twice')
  }
  return got
}

// whole does the same, and again when everything is loaded that stands behind seams.
async function whole(page, name, bound, clicks = 3) {
  const want = await history(name)
  let got = await joined(page, want)
  assert.ok(got.length <= bound, `${got.length} messages in the page`)
  for (let i = 0; i < clicks && await page.locator('.seam').count(); i++) {
    await page.locator('.seam a').first().click()
    await page.locator('.seam[aria-busy]').waitFor({ state: 'detached' })
  }
  got = await joined(page, want)
  if (got.includes(null)) return
  const older = page.locator('[data-older]')
  assert.equal(await older.isVisible(), got.length < want.length)
  if (got.length < want.length) assert.equal(new URL(await older.getAttribute('href'), server.url).searchParams.get('before'), got.at(-1))
}

const away = {
  async visible(page, act) { await act() },
  async hidden(page, act) {
    await hide(page, true)
    await act()
    await hide(page, false)
  },
  async offline(page, act) {
    wire.cut()
    wire.refuse = true
    await act()
    wire.refuse = false
  },
  async deaf(page, act) {
    wire.forget()
    await act()
  },
  async frozen(page, act) { // as a browser does to save a battery
    const browser = await page.context().newCDPSession(page)
    await browser.send('Page.setWebLifecycleState', { state: 'frozen' })
    await act()
    await browser.send('Page.setWebLifecycleState', { state: 'active' })
  },
  async scrolled(page, act) {
    await page.evaluate(() => scrollTo(0, 3000))
    await act()
    await page.locator('[data-pill]:visible').click()
  }
}

async function hide(page, hidden) {
  await page.evaluate(hidden => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
    Object.defineProperty(document, 'visibilityState', { value: hidden ? 'hidden' : 'visible', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
}

for (const [how, leave] of Object.entries(away)) {
  for (const count of [1, 51, 500, 5000]) {
    test(`${count} messages while the page is ${how}`, async () => {
      const name = `${how}-${count}`
      await topic(server, name)
      await burst(name, how === 'scrolled' ? 60 : 5)
      const page = await signedIn(server, { origin: wire.url })
      await page.goto(`${wire.url}/topic/${name}`)
      await page.locator('[data-live=on]').waitFor()
      await leave(page, () => burst(name, count))
      await settled(page, name)
      await whole(page, name, 600, how === 'hidden' ? 6 : 3)
      assert.deepEqual(page.troubles, [])
      await page.context().close()
    })
  }
}

test('an empty topic takes a burst', async () => {
  await topic(server, 'from-nothing')
  const page = await signedIn(server, { origin: wire.url })
  await page.goto(wire.url + '/topic/from-nothing')
  await page.locator('[data-live=on]').waitFor()
  await burst('from-nothing', 300)
  await settled(page, 'from-nothing')
  await whole(page, 'from-nothing', 600)
  await page.context().close()
})
