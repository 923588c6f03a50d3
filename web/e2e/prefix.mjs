// The site below a path of another one, behind a proxy that passes the path on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { look } from './axe.mjs'
import { api, password, publish, serve, setUp, signedIn, topic } from './world.mjs'

test('every link stays below the path of base_url', async () => {
  const server = await serve({ NOTIFER_BASE_URL: 'http://127.0.0.1/notify' })
  await setUp(server, '/notify')
  server.jwt = (await api(server, 'POST', '/notify/auth/login', { email: 'maria@home.example', password })).access_token
  const { url } = server
  const page = await signedIn(server, {}, '/notify')
  server.url += '/notify'
  await topic(server, 'below', ['first'])
  for (const path of ['/', '/topic/below', '/topic/below/settings/tokens', '/settings', '/admin', '/no/page']) {
    await page.goto(server.url + path)
    await look(page, path)
    const out = await page.locator('a[href^="/"],form[action^="/"]').evaluateAll(all => all.map(e => e.getAttribute('href') ?? e.getAttribute('action')).filter(to => !to.startsWith('/notify/')))
    assert.deepEqual(out, [], path)
  }
  await page.goto(server.url + '/topic/below')
  await page.locator('[data-live]:visible').waitFor()
  await publish(server, 'below', 'and live')
  await page.locator('.msg', { hasText: 'and live' }).waitFor()
  assert.equal(new URL(page.url()).origin, url)
  await page.context().close()
})
