// The service worker of a page, as tests see it.
import assert from 'node:assert/strict'

// worker registers the worker on a page, without a push service, and says how pushes are delivered to it.
export async function worker(server, page) {
  await page.context().grantPermissions(['notifications'], { origin: server.url })
  const cdp = await page.context().newCDPSession(page)
  const versions = []
  cdp.on('ServiceWorker.workerVersionUpdated', e => versions.push(...e.versions))
  await cdp.send('ServiceWorker.enable')
  await page.evaluate(async () => {
    const made = trustedTypes.createPolicy('test', { createScriptURL: path => path })
    await navigator.serviceWorker.register(made.createScriptURL('/sw.js'), { scope: '/' })
    await navigator.serviceWorker.ready
  })
  const found = page.context().serviceWorkers()[0] ?? await page.context().waitForEvent('serviceworker')
  await page.waitForFunction(() => navigator.serviceWorker.controller)
  const { registrationId } = versions.at(-1), run = (what, ...args) => found.evaluate(what, ...args)
  await run(() => {
    const wait = ExtendableEvent.prototype.waitUntil
    self.handled = 0
    ExtendableEvent.prototype.waitUntil = function (work) {
      if (this.type === 'push') work.catch(() => {}).then(() => { self.handled++ })
      return wait.call(this, work)
    }
  })
  return {
    run,
    // Pushes are handled before notifications are listed: Chromium may forget one that is listed while it is being shown.
    deliver: async (...pushes) => {
      const due = await run(() => self.handled) + pushes.length
      await Promise.all(pushes.map(n => cdp.send('ServiceWorker.deliverPushMessage', { origin: server.url, registrationId, data: JSON.stringify({ web_push: 8030, notification: n }) })))
      await until('the pushes are handled', () => run(n => self.handled >= n, due))
    },
    shown: () => found.evaluate(async () => (await self.registration.getNotifications()).map(n => ({ title: n.title, body: n.body, tag: n.tag, silent: n.silent, insists: n.requireInteraction })))
  }
}

export const until = async (what, ok) => {
  for (let tries = 0; tries < 600; tries++) {
    if (await ok()) return
    await new Promise(ok => setTimeout(ok, 50))
  }
  assert.fail('timed out: ' + what)
}
