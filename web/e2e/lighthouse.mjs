// Lighthouse on the topic and token pages: accessibility 100, performance at least 95 as the median of five runs, in one of three attempts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chromium } from 'playwright-core'
import { api, topic, world, password } from './world.mjs'

const lighthouse = await import('./lighthouse/node_modules/lighthouse/core/index.js').then(m => m.default, e => {
  console.log('Lighthouse does not run here: ' + e.message)
})
const median = list => list.sort((a, b) => a - b)[list.length >> 1]

test('Lighthouse on the topic and token pages', { skip: !lighthouse }, async t => {
  const server = await world()
  await topic(server, 'lights', Array.from({ length: 60 }, (_, i) => ({ message: `message ${i} with **words**`, markdown: true, title: 'A title', tags: ['tada', 'nas'], priority: 1 + i % 5 })))
  for (let i = 0; i < 12; i++) await api(server, 'POST', '/api/topics/lights/access-tokens', { name: `token ${i}`, permissions: ['publish'] })
  const reply = await fetch(server.url + '/login', { method: 'POST', redirect: 'manual', body: new URLSearchParams({ email: 'maria@home.example', password }) })
  const extraHeaders = { Cookie: reply.headers.get('set-cookie').split(';')[0] }
  const port = 20000 + process.pid % 20000
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', `--remote-debugging-port=${port}`] })
  try {
    for (const path of ['/topic/lights', '/topic/lights/settings/tokens']) {
      let speed = []
      for (let attempt = 0; attempt < 3 && !(median(speed) >= 95); attempt++) { // a busy machine slows all runs of an attempt
        speed = []
        for (let i = 0; i < 5; i++) {
          const run = await lighthouse(server.url + path, { port, logLevel: 'error', onlyCategories: ['performance', 'accessibility'], extraHeaders }).catch(e => e)
          if (!run.lhr || run.lhr.runtimeError) return t.skip('Lighthouse does not run here: ' + (run.message ?? run.lhr.runtimeError.message))
          const { lhr } = run
          speed.push(Math.round(lhr.categories.performance.score * 100))
          const faults = Object.values(lhr.audits).filter(a => a.scoreDisplayMode === 'binary' && a.score === 0 && lhr.categories.accessibility.auditRefs.some(r => r.id === a.id && r.weight))
          assert.equal(lhr.categories.accessibility.score, 1, `${path}: ${faults.map(f => f.id)}`)
        }
        console.log(`Lighthouse ${path}: accessibility 100, performance ${speed}`)
      }
      assert.ok(median(speed) >= 95, `${path}: performance ${speed}`)
    }
  } finally {
    await browser.close()
  }
})
