// Twenty generated feeds: messages of several senders, repeats, deletions here and elsewhere, filters, lost connections and
// hidden tabs. In the end the open page holds exactly what history holds, in its order, and repeats are folded as they follow.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { api, password, publish, relay, serve, setUp, signedIn, topic } from './world.mjs'

let server, wire
before(async () => {
  server = await serve({ NOTIFER_STREAM_HEARTBEAT: '1s' })
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
  wire = await relay(server.port)
})

// dice are the same for the same seed.
function dice(seed) {
  return n => {
    seed = seed + 0x6d2b79f5 | 0
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed)
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t
    return ((t ^ t >>> 14) >>> 0) % n
  }
}

const texts = ['HTTP 502 Bad Gateway', 'No answer', 'Disk is full', 'Finished']

async function send(name, token, roll) {
  const m = { title: ['Photos is down', 'Backup'][roll(2)], message: texts[roll(texts.length)], priority: [3, 3, 4, 5][roll(4)], tags: roll(3) ? [] : ['nas'] }
  const times = roll(3) ? 1 : 1 + roll(5)
  for (let i = 0; i < times; i++) {
    if (!token) { await publish(server, name, m); continue }
    const reply = await fetch(`${server.url}/${name}`, { method: 'POST', body: JSON.stringify(m), headers: { 'Content-Type': 'application/json', 'X-Topic-Token': token } })
    assert.equal(reply.status, 200)
  }
}

// gone takes that the page has deleted the message in between.
function gone(e) { if (!/: 404 /.test(e)) throw e }

// history is what the API says, the newest first.
async function history(path, filter) {
  const list = []
  for (let after = '000000000001'; after;) {
    const reply = await fetch(`${server.url}${path}?${new URLSearchParams({ ...filter, after, limit: 100 })}`, { headers: { Authorization: 'Bearer ' + server.jwt } })
    assert.equal(reply.status, 200)
    const body = await reply.json(), page = body.messages ?? body
    list.push(...page)
    after = body.messages ? body.next : reply.headers.get('X-Next')
  }
  return list.reverse()
}

async function hide(page, hidden) {
  await page.evaluate(hidden => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
}

// shown is what the feed shows. A message is cut off from the one above where something else stands between them; one that
// is hidden does not.
const shown = page => page.evaluate(() => [...document.querySelectorAll('#feed article')].filter(a => !a.hidden).map(a => {
  let above = a.previousElementSibling
  while (above?.hidden) above = above.previousElementSibling
  return { id: a.dataset.id, cut: !!above && above.localName !== 'article', folded: a.classList.contains('rep'), open: 'unfolded' in a.dataset, count: Number(/\d+/.exec(a.querySelector('[data-repeats] .badge')?.textContent ?? '')?.[0] ?? 1) }
}))

// folds says how many messages each stands for: 0 for one that is folded away.
function folds(list, cuts) {
  const same = m => JSON.stringify([m.topic, m.title, m.message, m.priority, m.sender])
  const out = []
  for (let i = 0; i < list.length;) {
    let n = 1
    while (i + n < list.length && !cuts[i + n] && same(list[i + n]) === same(list[i]) && list[i + n].timestamp.slice(0, 10) === list[i].timestamp.slice(0, 10)) n++
    out.push(n, ...Array(n - 1).fill(0))
    i += n
  }
  return out
}

const filters = [
  { page: '', api: {} },
  { page: 'sender=CI', api: { sender: 'CI' } },
  { page: 'priority_min=4', api: { priority_min: 4 } },
  { page: 'q=disk', api: { q: 'disk' } },
  { page: 'tag=nas', api: { tags: 'nas' } }
]

for (let seed = 0; seed < 20; seed++) {
  const inbox = seed % 2 === 1, filter = filters[(seed >> 1) % filters.length]
  test(`feed ${seed}: ${inbox ? 'the inbox' : 'a topic'}${filter.page && ' with ' + filter.page}`, async () => {
    const roll = dice(seed), name = `gen-${seed}`
    await topic(server, name)
    const tokens = [null]
    for (const sender of ['CI', 'NAS']) tokens.push((await api(server, 'POST', `/api/topics/${name}/access-tokens`, { name: sender, permissions: ['publish'] })).token)
    const any = () => send(name, tokens[roll(3)], roll)
    for (let i = 0; i < 6; i++) await any()
    const page = await signedIn(server, { origin: wire.url })
    const query = inbox ? 'topic=' + name + '&' + filter.page : filter.page
    const path = `${inbox ? '/inbox' : '/topic/' + name}?${query}`
    const past = () => history(inbox ? '/api/topics/' + name + '/messages' : `/${name}/json`, filter.api)
    await page.goto(wire.url + path)
    await page.locator('[data-live=on]').waitFor()
    page.on('framenavigated', f => page.troubles.push('went to ' + f.url()))
    for (let step = 0; step < 14; step++) {
      const list = await past(), one = list[roll(Math.max(list.length, 1))]
      switch (roll(8)) {
        case 0: if (one) await api(server, 'DELETE', `/api/${name}/messages/${one.id}`).catch(gone); break
        case 1: wire.cut(); await any(); break
        case 2: await hide(page, true); await any(); await any(); await hide(page, false); break
        case 3: await page.evaluate(n => { const b = [...document.querySelectorAll('#feed [data-repeats]')].filter(b => b.checkVisibility()); b[n % b.length]?.click() }, roll(9)); break
        case 4: await Promise.all([any(), any(), any()]); break
        case 5: await page.evaluate(() => document.querySelector('#feed article:not(.rep):not([hidden]) a[href$="/delete"]')?.click()); break
        case 6: await page.evaluate(() => scrollTo(0, 9e9)); await any(); break
        default: await any()
      }
    }
    await hide(page, true)
    await hide(page, false)
    await page.evaluate(() => scrollTo(0, 0))
    await page.evaluate(() => dispatchEvent(new Event('pagehide'))) // what waits for an undo is deleted
    let want, got
    for (let tries = 0; tries < 200; tries++) {
      want = await past()
      got = await shown(page)
      if (JSON.stringify(got.map(a => a.id)) === JSON.stringify(want.map(m => m.id))) break
      await page.waitForTimeout(250)
    }
    assert.deepEqual(page.troubles, [], page.url())
    const state = await page.evaluate(() => [scrollY, document.title, ...[...document.querySelectorAll('[data-pill],[data-live],[data-lost]')].map(x => (x.hidden ? 'hidden: ' : '') + x.innerText)].join(' | '))
    assert.deepEqual(got.map(a => a.id), want.map(m => m.id), 'none missing, none twice, in order; ' + state)
    const counts = folds(want, got.map(a => a.cut)) // a line at the last visit cuts what follows each other
    for (const [i, a] of got.entries()) {
      assert.equal(a.count, Math.max(counts[i], 1), `message ${i} stands for ${counts[i]}`)
      assert.equal(a.folded, counts[i] === 0 && !a.open, `message ${i} is ${a.folded ? 'folded' : 'shown'}`)
    }
    await page.context().close()
  })
}
