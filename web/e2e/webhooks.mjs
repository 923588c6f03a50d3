// A token that Grafana sends with: chosen in the form, set up by its own steps, and its payload read as a message.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everywhere, look } from './axe.mjs'
import { api, signedIn, topic, world } from './world.mjs'

// The payload of https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
const alert = (name, zone, status = 'firing') => ({ status, labels: { alertname: name, team: 'blue', zone }, annotations: { description: 'The system has ' + name, summary: 'This alert was triggered for zone ' + zone },
  startsAt: '2021-10-12T09:51:03.157076+02:00', endsAt: '0001-01-01T00:00:00Z', generatorURL: 'https://play.grafana.org/alerting/1afz29v7z/edit', fingerprint: 'c6eadffa33fcdf37',
  dashboardURL: '', panelURL: '', values: { B: 44.2, C: 1 } })
const grafana = status => ({ receiver: 'My Super Webhook', status, orgId: 1, alerts: [alert('High memory usage', 'us-1', status), alert('High CPU usage', 'eu-1', status)],
  groupLabels: {}, commonLabels: { team: 'blue', severity: 'critical' }, commonAnnotations: {}, externalURL: 'https://play.grafana.org/', version: '1', groupKey: '{}:{}', truncatedAlerts: 0,
  title: '[FIRING:2]  (blue)', state: 'alerting', message: '**Firing**' })
const post = (url, body) => fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

test('a Grafana token: chosen, set up, firing and resolved', async () => {
  const server = await world()
  await topic(server, 'grafana')
  const page = await signedIn(server)
  await page.goto(`${server.url}/topic/grafana/settings/tokens?new`)
  await page.fill('[data-sift]', 'graf')
  assert.equal(await page.locator('.sendpick:visible').count(), 2)
  await look(page, 'new token, programs searched')
  await page.check('.sendpick input[value=grafana]')
  assert.equal(await page.inputValue('#name'), 'Grafana')
  await page.click('main button[type=submit]')
  await page.locator('.reveal').waitFor()
  await look(page, 'reveal of a Grafana token')
  const secret = await page.inputValue('#secret')
  const url = (await page.locator('#setup-0').innerText()).trim()
  assert.ok(url.endsWith(`/grafana?token=${secret}`), url)
  const feed = await page.context().newPage()
  await feed.goto(`${server.url}/topic/grafana`)
  assert.equal((await post(url, grafana('firing'))).status, 200)
  const first = feed.locator('article', { hasText: 'High memory usage (2 alerts)' }).first()
  await first.waitFor()
  assert.equal(await first.getAttribute('data-priority'), '5')
  assert.equal(await first.locator('a.btn').getAttribute('href'), 'https://play.grafana.org/alerting/1afz29v7z/edit')
  assert.equal(await first.locator('[data-alert]').innerText(), 'Open')
  assert.equal((await post(url, grafana('resolved'))).status, 200)
  await feed.locator('article', { hasText: 'Resolved: High memory usage' }).waitFor()
  const old = feed.locator('article.past')
  await old.waitFor()
  assert.equal(await old.locator('[data-alert]').innerText(), 'Resolved later')
  await feed.reload()
  assert.equal(await feed.locator('article.past [data-alert]').innerText(), 'Resolved later')
  await look(feed, 'feed with an alert')
  assert.deepEqual((await api(server, 'GET', '/api/topics/grafana/alerts')).alerts, [])
  await page.context().close()
})

test('without script a program can be chosen too', async () => {
  const server = await world()
  await topic(server, 'plain-hooks')
  const page = await signedIn(server, { javaScriptEnabled: false })
  await page.goto(`${server.url}/topic/plain-hooks/settings/tokens?new`)
  await page.check('.sendpick input[value=github]')
  await page.fill('#name', 'hub')
  await page.click('main button[type=submit]')
  assert.match(await page.innerText('.reveal'), /Set up GitHub/)
  await page.context().close()
})

// A template is written by pressing the fields of a payload that came, with script and without.
test('a template by example', async () => {
  const server = await world()
  await topic(server, 'by-example')
  const token = await api(server, 'POST', '/api/topics/by-example/access-tokens', { name: 'monitor', permissions: ['publish'] })
  const send = () => post(`${server.url}/by-example?token=${token.token}`, { level: 'critical', host: { name: 'nas' }, api_token: 'hunter2', alerts: [{ name: 'Disk', percent: 96.5 }, { name: 'Inodes', percent: 88 }] })
  await send()
  const path = `${server.url}/topic/by-example/settings/tokens/${token.id}/template`
  const page = await signedIn(server)
  await page.goto(path)
  await page.click('button[name=add_each]')
  const first = page.locator('[data-made]').first(), press = field => page.click(`.leaf[value="{{${field}}}"]`)
  await page.focus('#template_title')
  await page.locator('.leaf[value="{{.name}}"]').waitFor()
  await press('.name')
  await page.keyboard.type(' on ')
  await press('$.host.name')
  assert.equal(await page.inputValue('#template_title'), '{{.name}} on {{$.host.name}}')
  await page.fill('#template_priority', '{{severity $.level}}')
  await first.filter({ hasText: 'Priority: 5' }).waitFor()
  assert.match(await first.innerText(), /^Disk on nas/)
  assert.ok(!(await page.content()).includes('hunter2'))
  await everywhere(page, 'template by example', [320, 1280])
  await page.click('text=Save and use')
  await page.waitForURL(u => !u.pathname.endsWith('/template'))
  await send()
  await page.goto(`${server.url}/topic/by-example`)
  assert.equal(await page.locator('article', { hasText: 'Inodes on nas' }).getAttribute('data-priority'), '5')
  const plain = await signedIn(server, { javaScriptEnabled: false })
  await plain.goto(path)
  await plain.selectOption('#into', 'text')
  await plain.click('.leaf[value="{{.percent}}"]')
  assert.equal(await plain.inputValue('#template_text'), '{{.percent}}')
  assert.match(await plain.locator('[data-made]').first().innerText(), /96.5/)
  for (const p of [page, plain]) await p.context().close()
})
