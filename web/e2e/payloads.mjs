// Forty texts that would run in a careless page, in every field that a person or a script can fill. The browser ignores the
// content policy here, so that only the escaping stands between them and the page.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { api, password, publish, signedIn, topic, world } from './world.mjs'

const run = 'top.owned=1'
const payloads = [
  `<script>${run}</script>`, `<SCRIPT SRC=/owned.js></SCRIPT>`, `<scr<script>ipt>${run}</scr</script>ipt>`, `</script><script>${run}</script>`,
  `<img src=x onerror=${run}>`, `"><img src=x onerror="${run}">`, `'><img src=x onerror='${run}'>`, `<img/src=x/onerror=${run}//`, `<image src=x onerror=${run}>`,
  `<svg onload=${run}>`, `<svg><script>${run}</script></svg>`, `<svg><animate onbegin=${run} attributeName=x dur=1s>`, `<svg><a xlink:href="javascript:${run}"><text>x</text></a></svg>`,
  `<math><a xlink:href="javascript:${run}">x</a></math>`, `<body onload=${run}>`, `<iframe src="javascript:${run}"></iframe>`, `<iframe srcdoc="<script>${run}</script>"></iframe>`,
  `<object data="javascript:${run}"></object>`, `<embed src="javascript:${run}">`, `<details open ontoggle=${run}>`, `<input autofocus onfocus=${run}>`, `<video><source onerror=${run}></video>`,
  `<audio src=x onerror=${run}>`, `<marquee onstart=${run}>x</marquee>`, `<base href="https://evil.example/">`, `<meta http-equiv="refresh" content="0;url=/owned">`, `<link rel=stylesheet href=/owned.css>`,
  `<style>@import '/owned.css';</style>`, `<form action=/owned><button id=x>x</button></form>`, `" autofocus onfocus="${run}`, `' onmouseover='${run}`, `\` onmouseover=${run}`,
  `javascript:${run}`, `[x](javascript:${run})`, `[x](data:text/html,<script>${run}</script>)`, `![x](/owned.png)`, `<javascript:${run}>`, `[x]: javascript:${run} "[x]"`,
  `{{constructor.constructor('${run}')()}}`, `\${${run}}`, `<!--><script>${run}</script>-->`, `<textarea></textarea><script>${run}</script>`, `\u2028<script>${run}</script>`, `&lt;script&gt;${run}&lt;/script&gt;`,
]

// calmly does what may be refused: a text that the server does not take cannot harm.
const calmly = promise => promise.catch(() => null)

async function fill(server) {
  for (const [i, p] of payloads.entries()) {
    const name = 'payload-' + i
    await calmly(topic(server, name, [], { description: p, display_name: p.slice(0, 100) }))
    for (const markdown of [false, true]) await calmly(publish(server, 'payload', { message: 'payload ' + p, title: p, markdown }))
    await calmly(publish(server, 'payload', { message: 'payload with a link', url: 'https://home.example/' + p, url_title: p.slice(0, 100) }))
    await calmly(publish(server, 'payload', { message: 'payload with a bare link', url: p }))
    await calmly(publish(server, 'payload', { message: 'payload with buttons', actions: [{ type: 'view', label: p.slice(0, 100), url: 'https://home.example/' + encodeURI(p) }] }))
    await calmly(publish(server, 'payload', { message: 'payload with a bare button', actions: [{ type: 'view', label: 'x', url: p }] }))
    await calmly(publish(server, 'payload', { message: 'payload with tags', tags: [p] }))
    await calmly(api(server, 'POST', '/api/topics/payload/access-tokens', { name: p.slice(0, 60), note: p, permissions: ['publish'], tags: [p] })
      .catch(() => api(server, 'POST', '/api/topics/payload/access-tokens', { name: p.slice(0, 60), note: p, permissions: ['publish'] })))
    await calmly(api(server, 'POST', '/api/keys', { name: p.slice(0, 60), description: p, scopes: ['publish'] }))
    await calmly(publish(server, 'payload', { message: 'payload of an alert', title: p, alert_key: p.slice(0, 60) }))
  }
  for (const p of payloads.filter(p => /^[\x20-\x7e]*$/.test(p)).slice(0, 20)) { // browsers as they name themselves, in the list of sessions
    await fetch(server.url + '/auth/login', { method: 'POST', headers: { 'Content-Type': 'application/json', 'User-Agent': p },
      body: JSON.stringify({ email: 'maria@home.example', password }) })
  }
}

// webhook is the token of a webhook whose last payload has the texts as its keys and its values.
async function webhook(server, name = 'hook') {
  const token = await api(server, 'POST', '/api/topics/payload/access-tokens', { name: '<b onclick=top.owned=1>' + name, permissions: ['publish'], shape: 'custom' })
    .catch(() => api(server, 'POST', '/api/topics/payload/access-tokens', { name: '<b onclick=top.owned=1>' + name, permissions: ['publish'] }))
  const body = Object.fromEntries(payloads.map((p, i) => [p, i % 3 === 0 ? { [p]: p } : i % 3 === 1 ? [p] : p]))
  await fetch(server.url + '/payload', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Topic-Token': token.token }, body: JSON.stringify(body) })
  return token
}

// harm is what must not be in a page: a script that ran, a handler, a frame, or an address that would run.
const harm = () => [
  window.owned && 'a script ran',
  ...[...document.querySelectorAll('*')].flatMap(e => [...e.attributes].filter(a => /^on/i.test(a.name)).map(a => `${e.tagName} has ${a.name}`)),
  ...[...document.querySelectorAll('iframe, object, embed, base, main img, main svg script, main style, main link, meta[http-equiv], [srcdoc], script:not([src])')].map(e => 'there is ' + e.outerHTML.slice(0, 100)),
  ...[...document.querySelectorAll('main [style]')].filter(e => /url|import|expression|owned/i.test(e.getAttribute('style'))).map(e => 'a style: ' + e.getAttribute('style')),
  ...[...document.querySelectorAll('a[target]:not([rel~=noopener]):not([rel~=noreferrer])')].map(e => 'an open door: ' + e.outerHTML.slice(0, 100)),
  ...[...document.querySelectorAll('[href], [src], [action], [formaction]')].flatMap(e => ['href', 'src', 'action', 'formaction']
    .map(n => e.getAttribute(n)).filter(v => v && /^[\s\x00-\x1f]*(javascript|vbscript|data:text)/i.test(v)).map(v => 'an address runs: ' + v)),
].filter(Boolean)

test('forty payloads in every field run nothing', async () => {
  const server = await world()
  await topic(server, 'payload')
  await fill(server)
  const page = await signedIn(server, { bypassCSP: true })
  const seen = []
  page.on('dialog', d => { seen.push('a dialog: ' + d.message()); d.dismiss() })
  page.on('request', r => { if (new URL(r.url()).pathname.includes('owned') && !r.isNavigationRequest()) seen.push('a request: ' + r.url()) })
  const look = async path => {
    await page.goto(server.url + path)
    for (const what of await page.evaluate(harm)) seen.push(`${path}: ${what}`)
  }
  const tokens = await api(server, 'GET', '/api/topics/payload/access-tokens')
  for (const path of ['/', '/topic/payload', '/topic/payload/settings', '/topic/payload/settings/tokens', '/topic/payload/settings/activity', '/topic/payload/settings/advanced',
    '/settings', '/settings/security', '/settings/keys', '/admin', '/admin/users', '/admin/topics']) await look(path)
  const hook = await webhook(server)
  for (const path of ['/inbox', '/inbox?sender=%3Cscript%3E', '/devices', '/devices/pair', '/admin/activity', '/topic/payload?sender=%22%3E%3Cscript%3E',
    '/docs/webhooks', '/docs/start', '/docs/publish', `/topic/payload/settings/tokens/${hook.id}/template`, `/topic/payload/settings/tokens/${hook.id}`]) await look(path)
  for (const t of tokens.slice(0, 10)) await look(`/topic/payload/settings/tokens/${t.id}`)
  for (const [i, p] of payloads.entries()) {
    const q = encodeURIComponent(p)
    await look(`/topic/payload?q=${q}&tag=${q}&priority_min=${q}&before=${q}`)
    if (i % 4 === 0) {
      await look(`/topic/payload-${i}`)
      await look(`/topic/payload-${i}/settings`)
      await look('/login?next=' + q)
      await look('/no-such-page/' + q)
    }
  }
  await page.goto(server.url + '/topic/payload?q=script')
  assert.ok(await page.locator('.msg').count() > 10 && (await page.content()).includes('&lt;script&gt;'), 'the payloads are on the page, as text')
  await page.goto(server.url + '/topic/payload')
  await page.locator('[data-live]:visible').waitFor()
  for (const p of payloads) {
    await calmly(publish(server, 'payload', { message: p, title: p, markdown: true }))
    await calmly(publish(server, 'payload', { message: p, title: p }))
  }
  await publish(server, 'payload', { message: 'the end', title: 'the last of the payloads' })
  await page.locator('.msg h3', { hasText: 'the last of the payloads' }).waitFor()
  for (const what of await page.evaluate(harm)) seen.push('live: ' + what)
  assert.deepEqual([...new Set(seen)], [])
  assert.deepEqual(page.troubles.filter(t => !t.includes('/favicon')), [])
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="top.owned=1">'))
  await page.waitForFunction(() => window.owned)
  assert.ok((await page.evaluate(harm)).length >= 2, 'a payload that does run is noticed')
  await page.context().close()
  console.log(`${payloads.length} payloads, nothing ran`)
})

// With the policy in force nothing may even try: it reports nothing, from pages that answer and from what comes while they are open.
test('the policy has nothing to report', async () => {
  const server = await world()
  const hook = await webhook(server, 'another hook')
  const page = await signedIn(server)
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample)))
  const reports = []
  page.on('console', m => { if (/policy:|Content Security Policy|Trusted/i.test(m.text())) reports.push(m.text()) })
  for (const path of ['/', '/inbox', '/topic/payload', '/topic/payload?q=script', '/devices', '/settings/keys', '/settings/security', '/admin/activity', '/topic/payload/settings/tokens', `/topic/payload/settings/tokens/${hook.id}/template`, '/docs/webhooks']) {
    const answer = await page.goto(server.url + path)
    assert.match(answer.headers()['content-security-policy'], /frame-ancestors 'none'/, path)
  }
  await page.goto(server.url + '/inbox')
  await page.locator('[data-live]:visible').first().waitFor()
  for (const p of payloads.slice(0, 12)) await calmly(publish(server, 'payload', { message: p, title: p, markdown: true }))
  await publish(server, 'payload', { message: 'the end', title: 'the last of the reports' })
  await page.getByText('the last of the reports').first().waitFor()
  assert.deepEqual(reports, [])
  const noticed = page.waitForEvent('console', { predicate: () => reports.length > 0, timeout: 60000 })
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="top.owned=1">')).catch(() => {})
  await noticed // what the policy stops
  await page.context().close()
})
