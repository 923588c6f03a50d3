// The service worker, where there is one: an installed app has it from its first page on, so that it opens without a network.
(() => {
'use strict'
const { base } = window.notifer
const able = isSecureContext && 'serviceWorker' in navigator

// The address of a worker is a place where script comes from, so it is vouched for by name.
const address = path => window.trustedTypes?.createPolicy ? policy().createScriptURL(path) : path
let made
const policy = () => made ??= trustedTypes.createPolicy('notifer-worker', { createScriptURL: path => {
  if (path !== base + '/sw.js') throw new TypeError('another worker')
  return path
} })

const startWorker = async () => {
  await navigator.serviceWorker.register(address(base + '/sw.js'), { scope: base + '/' })
  return navigator.serviceWorker.ready
}
const worker = async () => able ? navigator.serviceWorker.getRegistration(base + '/').catch(() => {}) : undefined
const tell = async what => (await worker())?.active?.postMessage(what)

// tidy has the worker close what was read on another device: now, when the page is looked at again, and with each sign of life.
const tidy = async () => { if ((await (await worker())?.getNotifications?.() ?? []).length) tell('tidy') }
document.addEventListener('visibilitychange', () => { if (!document.hidden) tidy() })
document.addEventListener('alive', tidy)
tidy()

Object.assign(window.notifer, { startWorker, worker, tell })
if (able && matchMedia('(display-mode: standalone)').matches) startWorker().catch(() => {})
})()
