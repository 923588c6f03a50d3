// Loads the test files one after another into one process, which shares one server and one browser.
import { test } from 'node:test'
import { stop } from './world.mjs'

const every = ['setup', 'home', 'pages', 'tokens', 'webhooks', 'keys', 'states', 'live', 'feed', 'generated', 'messages', 'deaf', 'daily', 'inbox', 'beside', 'push', 'phone', 'offline', 'firefox', 'markup', 'payloads', 'noscript', 'keyboard', 'docs', 'reach', 'plain', 'prefix', 'proxies', 'speed', 'lighthouse']
const wanted = process.argv.slice(2).filter(name => every.includes(name))
for (const name of wanted.length ? wanted : every) await import(`./${name}.mjs`)
test('the server and the browser end', stop)
