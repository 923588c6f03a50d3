// Signing out leaves no page and no notification behind; the server ends those to come.
(() => {
'use strict'
const { base, all, worker, tell } = window.notifer

all('form[action$="/logout"]').forEach(f => f.addEventListener('submit', async () => {
  localStorage.removeItem('device checked')
  navigator.clearAppBadge?.().catch(() => {})
  tell('forget')
  for (const n of await (await worker())?.getNotifications?.() ?? []) n.close()
}))
// What other tabs asked for before the session ended has come meanwhile.
if (location.pathname === base + '/logout') tell('forget')
})()
