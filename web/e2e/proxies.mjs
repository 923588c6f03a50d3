// Real proxies in front, as people have them: a password before everything, and restarts behind the printed files.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { api, open, password, publish, serve, setUp, topic } from './world.mjs'

const env = { ...process.env, PATH: process.env.PATH + ':/usr/sbin' }
const missing = program => spawnSync('sh', ['-c', `command -v ${program}`], { env }).status !== 0 && `${program} is not installed`
const children = []
after(() => { for (const c of children) c.kill() }) // a signal that nginx passes on to its workers

// freePort is below those that the system gives to others, who would answer in the place of a server that restarts.
async function freePort() {
  for (;;) {
    const port = 10000 + Math.floor(Math.random() * 20000), listener = createServer()
    const free = await new Promise(ok => listener.once('error', () => ok(false)).listen(port, '127.0.0.1', () => ok(true)))
    await new Promise(ok => listener.close(ok))
    if (free) return port
  }
}

// until asks every tenth of a second.
async function until(what, claim) {
  for (let tries = 0; tries < 600; tries++) {
    if (await claim()) return
    await new Promise(ok => setTimeout(ok, 100))
  }
  throw new Error('not within a minute: ' + what)
}

const answers = url => fetch(url).then(r => r.status < 500, () => false)

function start(program, args, more = {}) {
  const child = spawn(program, args, { env: { ...env, ...more }, stdio: 'ignore' })
  children.push(child)
  return child
}

// nginx runs a site in a configuration that needs no root and no fixed path.
function nginx(site) {
  const dir = mkdtempSync(join(process.env.SCRATCH, 'nginx-'))
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `${kind}_temp_path ${dir}/${kind};`).join('\n')
  const user = process.getuid() === 0 ? 'user root;' : ''
  writeFileSync(join(dir, 'nginx.conf'), `daemon off; ${user} pid ${dir}/pid; error_log ${dir}/error.log; events {}\nhttp {\n${temp}\n${site.replaceAll('/var/log/nginx', dir)}\n}\n`)
  return start('nginx', ['-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')])
}

function caddy(site) {
  const dir = mkdtempSync(join(process.env.SCRATCH, 'caddy-'))
  writeFileSync(join(dir, 'Caddyfile'), '{\n\tadmin off\n}\n' + site)
  return start('caddy', ['run', '--adapter', 'caddyfile', '--config', join(dir, 'Caddyfile')], { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir })
}

test('a password at the proxy shuts nobody out', { skip: missing('nginx') }, async () => {
  const port = await freePort(), url = 'http://127.0.0.1:' + port
  const server = await serve({ NOTIFER_BASE_URL: url, NOTIFER_TRUSTED_PROXIES: '127.0.0.1' })
  await setUp(server)
  server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
  await topic(server, 'guarded', ['before'])
  const { token } = await api(server, 'POST', '/api/topics/guarded/access-tokens', { name: 'script', permissions: ['publish'] })
  const users = join(process.env.SCRATCH, 'htpasswd')
  writeFileSync(users, 'gate:' + execFileSync('openssl', ['passwd', '-apr1', 'open sesame']))
  nginx(`server {
    listen 127.0.0.1:${port};
    auth_basic "home"; auth_basic_user_file ${users};
    location / {
      proxy_pass http://127.0.0.1:${server.port}; proxy_http_version 1.1; proxy_buffering off;
      proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
    }
  }`)
  await until('nginx answers', () => answers(url))
  const context = await open({ httpCredentials: { username: 'gate', password: 'open sesame' } })
  const page = await context.newPage()
  const refused = []
  page.on('response', r => { if (r.status() === 401 || r.status() === 403) refused.push(r.url()) })
  await page.goto(url + '/login')
  refused.length = 0 // the first answer is nginx's question
  await page.fill('#email', 'maria@home.example')
  await page.fill('#password', password)
  await page.click('main button[type=submit]')
  await page.waitForURL(u => !u.pathname.endsWith('/login'))
  await page.goto(url + '/topic/guarded')
  await page.locator('[data-live]:visible').waitFor()
  const headers = { Authorization: 'Basic ' + Buffer.from('gate:open sesame').toString('base64'), 'X-Topic-Token': token }
  const sent = await fetch(url + '/guarded', { method: 'POST', body: 'through the gate', headers })
  assert.equal(sent.status, 200, await sent.text())
  await page.locator('.msg', { hasText: 'through the gate' }).waitFor()
  for (const path of ['/docs', '/healthz', '/static/app.css']) assert.equal((await fetch(url + path, { headers: { Authorization: headers.Authorization } })).status, 200, path)
  assert.deepEqual(refused, [])
  await context.close()
})

// A restart takes some seconds, and one longer than the 15 s in which Caddy lets requests wait. Both tests wait more than they work.
describe('restarts', { concurrency: true }, () => {
  for (const [proxy, gaps] of [['nginx', [6, 6]], ['caddy', [6, 17]]]) {
    test(`EventSource behind the printed ${proxy} file outlives restarts`, { skip: missing(proxy) }, async () => {
      const port = await freePort(), backend = await freePort(), url = 'http://127.0.0.1:' + port
      const dir = mkdtempSync(join(process.env.SCRATCH, 'data-'))
      mkdirSync(join(dir, 'data'), { mode: 0o700 })
      const run = () => start(process.env.NOTIFER, ['serve', '--listen', '127.0.0.1:' + backend, '--data-dir', join(dir, 'data'), '--base-url', url, '--trusted-proxies', '127.0.0.1'])
      const server = { dir: join(dir, 'data'), url: 'http://127.0.0.1:' + backend, child: run() }
      await until('the server answers', () => answers(server.url + '/readyz'))
      await setUp(server)
      server.jwt = (await api(server, 'POST', '/auth/login', { email: 'maria@home.example', password })).access_token
      await topic(server, 'restarted')
      const { token } = await api(server, 'POST', '/api/topics/restarted/access-tokens', { name: 'reader', permissions: ['subscribe'] })
      const site = execFileSync(process.env.NOTIFER, ['init', proxy, '--url', url, '--listen', '127.0.0.1:' + port, '--backend', '127.0.0.1:' + backend]).toString()
      const front = proxy === 'nginx' ? nginx(site) : caddy(site)
      await until(proxy + ' answers', () => answers(url + '/healthz'))
      const context = await open()
      const page = await context.newPage()
      await page.goto(url + '/login')
      await page.evaluate(to => new Promise(ok => {
        window.got = []
        window.source = new EventSource(to)
        window.source.onmessage = e => window.got.push(JSON.parse(e.data).message)
        window.source.onopen = ok
      }), '/restarted/sse?token=' + token)
      let sent = 0
      const send = async n => { for (const end = sent + n; sent < end; sent++) await publish(server, 'restarted', 'message ' + sent) }
      await send(20)
      const answered = []
      page.on('response', r => { if (r.url().includes('/sse')) answered.push(`${r.status()} ${r.headers()['content-type']}`) })
      for (const gap of gaps) {
        server.child.kill('SIGTERM')
        await once(server.child, 'exit')
        await new Promise(ok => setTimeout(ok, gap * 1000))
        server.child = run()
        await until('the server answers again', () => answers(server.url + '/readyz'))
        await send(20)
      }
      const got = () => page.evaluate(() => window.got)
      await until('all messages', async () => (await got()).length >= 60 || await page.evaluate(() => window.source.readyState) === 2)
      assert.deepEqual(await got(), Array.from({ length: 60 }, (_, i) => 'message ' + i), `answers after the first: ${answered}`)
      await context.close()
      server.child.kill('SIGTERM')
      front.kill('SIGTERM')
    })
  }
})
