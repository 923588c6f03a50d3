// Plain http:// from another machine's address: no clipboard, no notifications, and everything else works.
import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { serve, setUp, signedIn, topic, api, password } from './world.mjs'

const address = Object.values(networkInterfaces()).flat().find(i => i.family === 'IPv4' && !i.internal)?.address

test('plain HTTP on an address of the network', { skip: address ? false : 'this machine has no address but loopback' }, async () => {
  const server = await serve({}, '0.0.0.0')
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
  await topic(server, 'lan')
  const origin = `http://${address}:${server.port}`
  const page = await signedIn(server, { origin })
  await page.goto(origin + '/topic/lan')
  assert.equal(await page.evaluate(() => isSecureContext), false)
  await page.locator('[data-live]:visible').waitFor()
  await page.click('[data-notify]')
  assert.match(await page.locator('[data-notify-why]').innerText(), /HTTPS/)
  await page.locator('[data-copy=empty-curl]').click()
  assert.match(await page.locator('#said').textContent(), /Copied|Ctrl\+C/)
  assert.equal(await page.evaluate(() => getSelection().toString().startsWith('curl')), true)
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})
