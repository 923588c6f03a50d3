// Lighthouse on home, a topic and its tokens: accessibility 100, performance at least 95 as the median of five runs, in one of three attempts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { api, flags, signIn, topic, world } from './world.mjs'

const lighthouse = await import('./lighthouse/node_modules/lighthouse/core/index.js').then(m => m.default, e => {
  console.log('Lighthouse does not run here: ' + e.message)
})
// Three of five decide the median, whatever the other two would be.
const fast = list => list.filter(score => score >= 95).length > 2
const slow = list => list.filter(score => score < 95).length > 2

// report is one run; on a busy machine the browser's trace sometimes lacks its beginning, and such a run says nothing of the page.
async function report(url, port, onlyCategories) {
  for (let tries = 0; ; tries++) {
    const { lhr } = await lighthouse(url, { port, logLevel: 'error', onlyCategories, disableFullPageScreenshot: true })
    if (!lhr.runtimeError) {
      assert.equal(lhr.finalDisplayedUrl, url)
      return lhr
    }
    assert.ok(lhr.runtimeError.code === 'NO_NAVSTART' && tries < 3, `${url}: ${lhr.runtimeError.message}`)
  }
}

test('Lighthouse on home, a topic and its tokens', { skip: !lighthouse }, async () => {
  const server = await world()
  await topic(server, 'lights', Array.from({ length: 60 }, (_, i) => ({ message: `message ${i} with **words**`, markdown: true, title: 'A title', tags: ['tada', 'nas'], priority: 1 + i % 5 })))
  for (let i = 0; i < 12; i++) await api(server, 'POST', '/api/topics/lights/access-tokens', { name: `token ${i}`, permissions: ['publish'] })
  const port = 20000 + process.pid % 20000
  // The profile itself signs in: a Cookie among Lighthouse's extraHeaders is replaced as soon as a page has set a cookie of its own.
  const profile = await chromium.launchPersistentContext(mkdtempSync(join(process.env.SCRATCH, 'lighthouse-')),
    { executablePath: process.env.CHROMIUM, args: [...flags, `--remote-debugging-port=${port}`] })
  try {
    const page = await profile.newPage()
    await signIn(page, server.url)
    await page.goto('about:blank')
    for (const path of ['/', '/topic/lights', '/topic/lights/settings/tokens']) {
      const { categories, audits } = await report(server.url + path, port, ['accessibility'])
      const faults = Object.values(audits).filter(a => a.scoreDisplayMode === 'binary' && a.score === 0 && categories.accessibility.auditRefs.some(r => r.id === a.id && r.weight))
      assert.equal(categories.accessibility.score, 1, `${path}: ${faults.map(f => f.id)}`)
      let speed = []
      for (let attempt = 0; attempt < 3 && !fast(speed); attempt++) { // a busy machine slows all runs of an attempt
        speed = []
        while (!fast(speed) && !slow(speed)) {
          const { categories } = await report(server.url + path, port, ['performance'])
          speed.push(Math.round(categories.performance.score * 100))
        }
        console.log(`Lighthouse ${path}: accessibility 100, performance ${speed}`)
      }
      assert.ok(fast(speed), `${path}: performance ${speed}`)
    }
  } finally {
    await profile.close()
  }
})
