import assert from 'node:assert/strict'
import { test } from 'node:test'
import { look } from './axe.mjs'
import { api, publish, signedIn, topic, world } from './world.mjs'

const evil = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`

test('markup in messages, titles, names and descriptions stays text', async () => {
  const server = await world()
  await topic(server, 'evil', [{ message: evil, title: evil.slice(0, 200) }, { message: `${evil}\n\n![x](${server.url}/tracker.png)\n[y](javascript:alert(1))`, markdown: true }],
    { description: evil })
  await api(server, 'PATCH', '/api/topics/evil', { display_name: evil.slice(0, 60) })
  await api(server, 'POST', '/api/topics/evil/access-tokens', { name: evil.slice(0, 60), permissions: ['publish'] })
  const page = await signedIn(server)
  for (const path of ['/', '/topic/evil', '/topic/evil/settings', '/topic/evil/settings/tokens', '/topic/evil/settings/activity']) {
    await page.goto(server.url + path)
    await look(page, path)
    assert.equal(await page.locator('main img, main script:not([src])').count(), 0, path)
    assert.notEqual(await page.title(), 'owned', path)
  }
  await page.goto(server.url + '/topic/evil')
  await page.locator('[data-live]:visible').waitFor()
  await publish(server, 'evil', { message: evil, title: 'live ' + evil.slice(0, 100) })
  await page.locator('.msg h3', { hasText: 'live' }).waitFor()
  assert.equal(await page.locator('main img, main script:not([src])').count(), 0)
  assert.notEqual(await page.title(), 'owned')
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})
