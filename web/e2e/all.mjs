// Loads the named test files, or those of a named group, one after another into one process, which has one server and one browser.
// The first two groups run side by side; what looks at a clock has the machine to itself.
import { test } from 'node:test'
import { stop } from './world.mjs'

const groups = {
  first: ['setup', 'home', 'pages', 'tokens', 'webhooks', 'keys', 'states', 'live', 'messages', 'daily', 'docs', 'reach', 'markup'],
  second: ['feed', 'generated', 'deaf', 'inbox', 'beside', 'push', 'phone', 'offline', 'devices', 'firefox', 'payloads', 'noscript', 'keyboard', 'plain', 'prefix', 'proxies'],
  alone: ['speed', 'lighthouse']
}
for (const name of process.argv.slice(2).flatMap(name => groups[name] ?? name)) await import(`./${name}.mjs`)
test('the server and the browser end', stop)
