// Lighthouse on home, a topic and its tokens: accessibility 100, performance at least 95 as the median of five runs, in one of three attempts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { api, topic, world, password } from './world.mjs'

const lighthouse = await import('./lighthouse/node_modules/lighthouse/core/index.js').then(m => m.default, e => {
  console.log('Lighthouse does not run here: ' + e.message)
})
const fast = list => list.filter(score => score >= 95).length > 2 // the median of five, whatever the other two would be

// report is one run; on a busy machine the browser's trace sometimes lacks its beginning, and such a run says nothing of the page.
async function report(url, port) {
  for (let tries = 0; ; tries++) {
    const { lhr } = await lighthouse(url, { port, logLevel: 'error', onlyCategories: ['performance', 'accessibility'] })
    if (!lhr.runtimeError) return lhr
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
    { executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage', `--remote-debugging-port=${port}`] })
  try {
    const page = await profile.newPage()
    await page.goto(server.url + '/login')
    await page.fill('#email', 'maria@home.example')
    await page.fill('#password', password)
    await page.click('main button[type=submit]')
    await page.waitForURL(server.url + '/')
    await page.goto('about:blank')
    for (const path of ['/', '/topic/lights', '/topic/lights/settings/tokens']) {
      let speed = []
      for (let attempt = 0; attempt < 3 && !fast(speed); attempt++) { // a busy machine slows all runs of an attempt
        speed = []
        for (let i = 0; i < 5 && !fast(speed); i++) {
          const lhr = await report(server.url + path, port)
          assert.equal(lhr.finalDisplayedUrl, server.url + path)
          speed.push(Math.round(lhr.categories.performance.score * 100))
          const faults = Object.values(lhr.audits).filter(a => a.scoreDisplayMode === 'binary' && a.score === 0 && lhr.categories.accessibility.auditRefs.some(r => r.id === a.id && r.weight))
          assert.equal(lhr.categories.accessibility.score, 1, `${path}: ${faults.map(f => f.id)}`)
        }
        console.log(`Lighthouse ${path}: accessibility 100, performance ${speed}`)
      }
      assert.ok(fast(speed), `${path}: performance ${speed}`)
    }
  } finally {
    await profile.close()
  }
})
