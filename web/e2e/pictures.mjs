// Takes the pictures of the README from the demo: usage: ./pictures. They are looked at before they are committed.
import { spawn } from 'node:child_process'
import { chromium } from 'playwright-core'

const out = new URL('../docs/images/', import.meta.url).pathname
const demo = spawn(process.env.NOTIFER, ['serve', '--demo', '--listen', '127.0.0.1:0'])
let said = ''
for await (const text of demo.stdout) {
  said += text
  if (said.includes('when it stops')) break
}
const link = /(http\S+)\/login\/demo\/\S+/.exec(said)
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] })
for (const colorScheme of ['light', 'dark']) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const shoot = name => page.screenshot({ path: `${out}${name}-${colorScheme}.png` })
  await page.goto(link[0])
  await page.goto(link[1] + '/topic/server-alerts')
  await page.locator('[data-live]', { hasText: 'Live' }).first().waitFor().catch(() => {})
  await shoot('topic')
  await page.goto(link[1] + '/topic/home/settings/tokens?new')
  await page.fill('#name', colorScheme === 'light' ? 'Attic sensor' : 'Water meter')
  await page.locator('#name').press('Enter')
  await page.locator('.reveal').waitFor()
  await page.mouse.move(0, 0)
  await shoot('token')
  await context.close()
}
await browser.close()
demo.kill()
