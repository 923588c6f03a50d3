// Signing out leaves no page and no notification behind; the server ends those to come.
(() => {
'use strict'
const { base, all } = window.notifer

all('form[action$="/logout"]').forEach(f => f.addEventListener('submit', () => {
  sessionStorage.clear()
  window.caches?.delete('pages-1')
  navigator.clearAppBadge?.().catch(() => {})
  navigator.serviceWorker?.getRegistration(base + '/')
    .then(r => r?.getNotifications()).then(list => list?.forEach(n => n.close())).catch(() => {})
}))
})()
