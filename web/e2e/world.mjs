// The one server and the one browser that all tests share, and the people who use them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, createServer } from 'node:net'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

export const password = 'correct horse battery'
const servers = []

// serve starts the program on a free port with an empty store and waits until it says where it listens.
export async function serve(env = {}, host = '127.0.0.1') {
  const dir = mkdtempSync(join(process.env.SCRATCH, 'data-'))
  const child = spawn(process.env.NOTIFER, ['serve', '--listen', host + ':0', '--data-dir', dir], { env: { ...process.env, ...env } })
  const server = { child, dir, log: '' }
  servers.push(server)
  child.stdout.on('data', d => { server.log += d })
  child.stderr.on('data', d => { server.log += d })
  for (let tries = 0; tries < 1200; tries++) {
    const address = /(?:127\.0\.0\.1|0\.0\.0\.0|\[::\]):(\d+)/.exec(server.log)
    if (address) {
      server.port = address[1]
      server.url = 'http://127.0.0.1:' + server.port
      if (await fetch(server.url + '/readyz').then(r => r.ok, () => false)) return server
    }
    await new Promise(ok => setTimeout(ok, 50))
  }
  throw new Error('the server does not start: ' + server.log)
}

// admin runs a command on a server's store and returns what it prints.
export async function admin(server, ...args) {
  const child = spawn(process.env.NOTIFER, [...args, '--data-dir', server.dir])
  let out = ''
  child.stdout.on('data', d => { out += d })
  child.stderr.on('data', d => { out += d })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`notifer ${args.join(' ')}: ${out}`)
  return out
}

// What the browser leaves out. It heeds the last such list only, so Playwright's is here too; the first three are pages of its own that it
// loads for the address bar of each window, which nobody sees here and which cost more than a page of ours.
const without = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup', 'AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose',
  'HttpsUpgrades', 'HttpsFirstBalancedModeAutoEnable', 'LensOverlay', 'MediaRouter', 'PaintHolding', 'ThirdPartyStoragePartitioning', 'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled', 'PreconnectToSearch']
export const flags = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-features=' + without]

let browser
export async function open(options = {}) {
  browser ??= chromium.launch({ executablePath: process.env.CHROMIUM, args: flags })
  const context = await (await browser).newContext(options)
  context.setDefaultTimeout(60_000) // a machine may be slow and busy
  return context
}

// setUp makes the first account by the one-time link, without a browser.
export async function setUp(server, base = '') {
  const link = /https?:\/\/\S*setup\S*/.exec(await admin(server, 'setup-link'))[0]
  const url = new URL(link)
  const fields = new URLSearchParams({ email: 'maria@home.example', username: 'maria', password })
  for (const [name, value] of url.searchParams) fields.set(name, value)
  const reply = await fetch(server.url + base + '/setup', { method: 'POST', body: fields, redirect: 'manual' })
  if (reply.status !== 303) throw new Error('setup answers ' + reply.status)
}

let shared
// world is the server that most tests share: one admin, signed in where a test asks for a page.
export async function world() {
  shared ??= (async () => {
    const server = await serve()
    await setUp(server)
    const login = await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })
    server.jwt = login.access_token
    return server
  })()
  return shared
}

export async function api(server, method, path, body) {
  const headers = { 'Content-Type': 'application/json' }
  if (server.jwt) headers.Authorization = 'Bearer ' + server.jwt
  const { status, text } = await ask(server.url + path, { method, headers }, body && JSON.stringify(body))
  if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${text}`)
  return text && JSON.parse(text)
}

// ask takes a fifth of the processor time of fetch, for the tests that send thousands of messages.
const agent = new Agent({ keepAlive: true, timeout: 4000 })
const ask = (url, options, body) => new Promise((ok, no) => {
  request(url, { agent, ...options }, reply => {
    let text = ''
    reply.setEncoding('utf8').on('data', d => { text += d }).on('end', () => ok({ status: reply.statusCode, text })).on('error', no)
  }).on('error', no).end(body)
})

// topic makes a topic with messages, the last one newest.
export async function topic(server, name, messages = [], more = {}) {
  await api(server, 'POST', '/api/topics', { name, access_level: 'private', ...more })
  for (const m of messages) await publish(server, name, m)
}

export const publish = (server, name, message) => api(server, 'POST', '/' + name, typeof message === 'string' ? { message } : message)

// signedIn opens an empty page of somebody who has signed in, by the form only when `form` says so, and watches it for what must not happen.
export async function signedIn(server, { form, ...options } = {}, base = '') {
  const context = await open(options), at = (options.origin ?? server.url) + base
  const page = await context.newPage()
  page.troubles = []
  page.on('console', m => { if (/Refused|violat|Trusted/i.test(m.text())) page.troubles.push(m.text()) })
  page.on('pageerror', e => page.troubles.push(String(e)))
  page.on('request', r => { if (!r.url().startsWith(options.origin ?? server.url)) page.troubles.push('request to ' + r.url()) })
  if (form) await signIn(page, at)
  else {
    const reply = await context.request.post(at + '/login', { form: { email: 'maria@home.example', password }, maxRedirects: 0 })
    if (reply.status() !== 303) throw new Error('signing in answers ' + reply.status())
  }
  return page
}

// signIn signs in through the form, as people do.
export async function signIn(page, at) {
  await page.goto(at + '/login')
  await page.fill('#email', 'maria@home.example')
  await page.fill('#password', password)
  await page.click('main button[type=submit]')
  await page.waitForURL(u => !u.pathname.endsWith('/login'))
}

// relay is a way to the server that can be cut, refuse new connections, or forget its flows as a router does: both ends
// stay open and hear nothing more.
export async function relay(port) {
  const flows = new Set()
  const wire = { refuse: false, port: 0 }
  const listener = createServer(near => {
    if (wire.refuse) { near.destroy(); return }
    const far = connect(port, '127.0.0.1'), flow = { near, far, deaf: false }
    flows.add(flow)
    near.on('data', d => { if (!flow.deaf) far.write(d) })
    far.on('data', d => { if (!flow.deaf) near.write(d) })
    const end = () => { if (!flow.deaf) { near.destroy(); far.destroy(); flows.delete(flow) } }
    for (const side of [near, far]) side.on('close', end).on('error', end)
  })
  wire.cut = () => { for (const f of flows) { f.near.destroy(); f.far.destroy() } flows.clear() }
  wire.forget = () => { for (const f of flows) f.deaf = true }
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  wire.port = listener.address().port
  wire.url = 'http://127.0.0.1:' + wire.port
  relays.push(listener, wire)
  return wire
}
const relays = []

export async function stop() {
  await (await browser)?.close()
  for (const r of relays) { r.cut?.(); r.close?.() }
  for (const s of servers) {
    if (s.child.exitCode === null && s.child.signalCode === null) {
      s.child.kill('SIGTERM')
      await once(s.child, 'exit')
    }
  }
}
