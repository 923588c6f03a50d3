// Every state of every view, with the made-up content of the Go tests: errors, empty lists, secrets, questions.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { everywhere } from './axe.mjs'
import { open } from './world.mjs'

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  return port
}

test('every state of every view in both schemes on a phone and a desk', async () => {
  const address = '127.0.0.1:' + await freePort()
  const preview = spawn(process.env.PREVIEW, ['-test.run', 'Preview', '-test.timeout', '0', '-preview', address])
  try {
    let names
    for (let tries = 0; !names && tries < 1200; tries++) {
      names = await fetch(`http://${address}/views`).then(r => r.text(), () => null)
      if (!names) await new Promise(ok => setTimeout(ok, 50))
    }
    const list = names.trim().split('\n')
    assert.ok(list.length > 40, 'the views are missing')
    const lookAtAll = async () => {
      const page = await (await open()).newPage()
      page.troubles = []
      page.on('console', m => { if (/Refused|violat|Trusted/i.test(m.text())) page.troubles.push(m.text()) })
      page.on('pageerror', e => page.troubles.push(String(e)))
      for (let name; name = list.shift();) {
        await page.goto(`http://${address}/view/${name}`)
        await everywhere(page, name, [320, 1280])
      }
    }
    await Promise.all([lookAtAll(), lookAtAll()]) // one for each core of a small machine
  } finally {
    preview.kill('SIGKILL')
  }
})
