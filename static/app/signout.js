// Signing out leaves no page and no notification behind; the server ends those to come.
(() => {
'use strict'
const { base, all } = window.notifer
const registration = async () => navigator.serviceWorker?.getRegistration(base + '/')

all('form[action$="/logout"]').forEach(f => f.addEventListener('submit', async () => {
  localStorage.removeItem('device checked')
  navigator.clearAppBadge?.().catch(() => {})
  const worker = await registration().catch(() => {})
  worker?.active?.postMessage('forget')
  for (const n of await worker?.getNotifications?.() ?? []) n.close()
}))
// What other tabs asked for before the session ended has come meanwhile.
if (location.pathname === base + '/logout') registration().then(r => r?.active?.postMessage('forget'), () => {})
})()
