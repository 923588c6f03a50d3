// The main journey in Firefox: sign in, create a topic, create a token, run its curl line, and see the message arrive.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import puppeteer from 'puppeteer-core'
import { password, world } from './world.mjs'

const firefox = process.env.FIREFOX ?? '/usr/bin/firefox-esr'
const skip = existsSync(firefox) ? false : 'there is no Firefox'
let server, browser, page, said = []

before(async () => {
  if (skip) return
  server = await world()
  browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefox, headless: true, timeout: 120000, protocolTimeout: 120000 })
  page = await browser.newPage()
  page.setDefaultTimeout(60000)
  await page.setViewport({ width: 1280, height: 800 })
  page.on('pageerror', e => said.push(String(e)))
  page.on('console', m => { if (/Content-Security-Policy|Trusted/i.test(m.text())) said.push(m.text()) })
})
after(() => browser?.close())

const text = what => page.$eval(what, x => x.textContent.trim())
const shown = what => page.waitForSelector(what, { visible: true, timeout: 60000 })
const press = async what => { await shown(what); await page.click(what) }
const follow = what => Promise.all([page.waitForNavigation(), press(what)])

test('Firefox: sign in, topic, token, and a message of its curl line seen live', { skip }, async () => {
  await page.goto(server.url + '/login')
  await page.type('#email', 'maria')
  await page.type('#password', password)
  await follow('main button[type=submit]')
  assert.equal(new URL(page.url()).pathname, '/')

  await page.goto(server.url + '/?new')
  await shown('#name')
  await page.type('#name', 'fox')
  await follow('form:has(#name) button[type=submit]')
  assert.equal(new URL(page.url()).pathname, '/topic/fox')

  await page.goto(server.url + '/topic/fox/settings/tokens')
  await press('main a[href$="?new"]')
  await shown('dialog[open] #name')
  await page.type('dialog[open] #name', 'Fox script')
  await follow('dialog[open] button[type=submit]')
  await shown('.reveal')
  const token = await page.$eval('#secret', i => i.value)
  assert.match(token, /^tk_\w{43}$/)
  const line = await page.$eval('.reveal pre', p => p.textContent)
  assert.ok(line.includes(token) && line.includes(server.url + '/fox'), line)

  const watch = await browser.newPage()
  watch.on('pageerror', e => said.push(String(e)))
  await watch.goto(server.url + '/topic/fox')
  await watch.waitForFunction(() => document.querySelector('[data-live]')?.textContent.includes('Live'), { timeout: 60000 })
  execFileSync('sh', ['-c', line])
  const words = /-d "([^"]+)"/.exec(line)[1]
  await watch.waitForFunction(words => document.querySelector('#feed, .feed, main').textContent.includes(words), { timeout: 60000 }, words)
  await page.bringToFront()
  await page.waitForFunction(() => /received/i.test(document.querySelector('.reveal').textContent), { timeout: 60000 })
  assert.deepEqual(said, [])
})

test('Firefox: revoking by the dialog', { skip }, async () => {
  await page.goto(server.url + '/topic/fox/settings/tokens')
  await press('.tok .menu summary')
  await press('.tok a[href$="/revoke"]')
  await shown('dialog[open]')
  await follow('dialog[open] button[type=submit]')
  assert.match(await text('main'), /No tokens yet|Fox script/)
  assert.deepEqual(said, [])
})
