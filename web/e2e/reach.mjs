// Large text, forced colours and calm motion: nothing is cut off, hidden or moving.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { api, publish, signedIn, topic, world } from './world.mjs'

let server
const paths = ['/', '/topic/reach', '/topic/reach/settings', '/topic/reach/settings/tokens', '/topic/reach/settings/activity', '/settings', '/settings/preferences', '/settings/keys', '/admin/topics', '/docs/publish', '/docs/api', '/docs?q=token']
before(async () => {
  server = await world()
  await topic(server, 'reach', ['newest'])
})

test('text of 200 % on a phone: no page is wider than the screen, and the ways out are in reach', async () => {
  const page = await signedIn(server, { viewport: { width: 390, height: 844 } })
  for (const path of paths) {
    await page.goto(server.url + path)
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%' })
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), path)
    for (const what of ['header summary', 'nav.bar a >> nth=-1']) {
      const box = await page.locator(what).first().boundingBox()
      assert.ok(box && box.x >= 0 && box.x + box.width <= 390, `${what} on ${path}`)
    }
  }
  await page.context().close()
})

test('forced colours: controls keep a border, and what is chosen differs', async () => {
  const page = await signedIn(server, { forcedColors: 'active', reducedMotion: 'reduce' })
  for (const path of paths) {
    await page.goto(server.url + path)
    const bare = await page.locator('.btn:visible, .chip:visible, .badge:visible').evaluateAll(all => all.filter(b => getComputedStyle(b).borderTopStyle === 'none').map(b => b.textContent.trim()))
    assert.deepEqual(bare, [], path)
    const moving = await page.evaluate(() => document.getAnimations().filter(a => a.playState === 'running').length)
    assert.equal(moving, 0, path)
    const alike = await page.locator('.chip[aria-current]:visible, .seg label:has(:checked), .signs label:has(:checked)').evaluateAll(all => all.filter(x => {
      const look = y => { const s = getComputedStyle(y); return s.borderTopColor + s.borderTopWidth }
      return [...x.parentElement.children].some(y => y !== x && y.matches('.chip,label') && look(y) === look(x))
    }).map(x => x.outerHTML.slice(0, 90)))
    assert.deepEqual(alike, [], path)
  }
  await page.context().close()
})

const finger = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

// small lists the controls that offer a finger less than 44 px, their invisible edge counted. Links within sentences and the
// small tags of a message, whose menu holds the same, may be smaller.
const small = page => page.locator('button, summary, select, input:not([type=hidden],[type=radio],[type=checkbox]), .btn, .chip, .ib, .bar a, .pages a, label.opt, label.sendpick').evaluateAll(all => all.flatMap(x => {
  const box = x.getBoundingClientRect(), after = getComputedStyle(x, '::after')
  if (!x.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || box.width < 2 || x.closest('.tag, .times, p, .code, .vh')) return []
  const edge = side => after.content !== 'none' && after.position === 'absolute' ? parseFloat(after[side]) : 0
  const high = Math.max(box.height, edge('height')), wide = Math.max(box.width, edge('width'))
  return high < 43.5 || wide < 43.5 && x.matches('.ib') ? [`${x.outerHTML.slice(0, 90)}: ${Math.round(wide)} x ${Math.round(high)}`] : []
}))

test('a finger finds 44 px on every control', async () => {
  await publish(server, 'reach', Array.from({ length: 60 }, (_, i) => 'line ' + i).join('\n'))
  const page = await signedIn(server, finger), found = []
  for (const path of ['/', '/topic/reach', '/topic/reach/settings/tokens', '/topic/reach/settings/tokens?new', '/inbox', '/settings/keys', '/admin/users']) {
    await page.goto(server.url + path)
    found.push(...(await small(page)).map(x => path + ' ' + x))
  }
  assert.deepEqual(found, [])
  await page.context().close()
})

test('what the keyboard reaches on a phone lies under neither bar', async () => {
  const page = await signedIn(server, finger)
  for (const path of ['/topic/reach/settings', '/settings/keys?new']) {
    await page.goto(server.url + path)
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab')
      const hidden = await page.evaluate(() => {
        const x = document.activeElement, box = x.getBoundingClientRect(), bars = '.top, .bar, .foot'
        if (x === document.body || x.closest(bars) || !box.height) return ''
        const at = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 40) / 2)
        return at?.closest(bars) ? x.outerHTML.slice(0, 90) : ''
      })
      assert.equal(hidden, '', path)
    }
  }
  await page.context().close()
})

test('names, tabs, filters and badges keep their shape on small screens', async () => {
  const name = 'zigbee-bridge-living-room'
  await topic(server, name, ['newest'])
  await api(server, 'POST', `/api/topics/${name}/access-tokens`, { name: 'Bridge', permissions: ['publish', 'subscribe'] })
  for (let i = 0; i < 8; i++) await topic(server, 'filter-' + i)
  const page = await signedIn(server, { ...finger, viewport: { width: 360, height: 780 } })
  await page.goto(`${server.url}/topic/${name}`)
  assert.ok(await page.locator('h1').evaluate(x => x.scrollWidth <= x.clientWidth && x.scrollHeight <= x.clientHeight + 2), 'the name is read whole')
  for (const tab of ['', '/tokens', '/activity', '/advanced']) {
    await page.goto(`${server.url}/topic/${name}/settings${tab}`)
    const box = await page.locator('.pages [aria-current]').boundingBox()
    assert.ok(box.x >= 0 && box.x + box.width <= 360, `the tab ${tab} is in sight`)
  }
  await page.goto(server.url + '/')
  assert.equal(await page.locator('.filter-topics').evaluate(x => x.offsetWidth), await page.locator('#rows').evaluate(x => x.offsetWidth))
  await page.setViewportSize({ width: 768, height: 1024 })
  await page.goto(`${server.url}/topic/${name}/settings/tokens`)
  for (const height of await page.locator('.tok .badge:visible').evaluateAll(all => all.map(x => x.offsetHeight))) assert.ok(height < 28, `a badge is ${height} px high`)
  await page.context().close()
})

test('on a phone all times are short, from the first minute on', async () => {
  const page = await signedIn(server, finger)
  await topic(server, 'timely', ['a moment ago'])
  await page.clock.install({ time: Date.now() + 50_000 })
  await page.goto(server.url + '/topic/timely')
  assert.equal(await page.locator('#feed time[data-ago]').first().innerText(), '1m ago')
  await page.context().close()
})
