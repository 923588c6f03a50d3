// Pairing: the page with the code waits for the device, and the device takes the code out of its URL.
(() => {
'use strict'
const one = window.notifer.one

// The code stands behind #, so it reached no server and no log. It leaves the address and the history at once.
const form = one('[data-join]')
if (form) {
  const code = location.hash.slice(1)
  history.replaceState(null, '', location.pathname)
  if (/^[a-z2-7]{32}$/.test(code)) form.elements.code.value = code
  const apple = /iPhone|iPad|iPod/.test(navigator.userAgent) || navigator.userAgent.includes('Mac') && navigator.maxTouchPoints > 1
  if (apple && !matchMedia('(display-mode: standalone)').matches) one('[data-join-ios]').hidden = false
}

const waiting = one('[data-pairing]'), said = one('[data-waiting]')
if (waiting) {
  const end = performance.now() + waiting.dataset.left * 1000
  const tick = async () => {
    const left = Math.ceil((end - performance.now()) / 1000)
    const reply = document.hidden ? null : await fetch(waiting.dataset.pairing, { headers: { Accept: 'application/json' } }).then(r => r.json()).catch(() => null)
    if (reply?.paired) { location.href = waiting.dataset.done; return }
    if (left <= 0 || reply?.over) { said.textContent = said.dataset.overText; window.notifer.say(said.dataset.overText); one('.qr', waiting)?.remove(); return }
    said.textContent = said.dataset.leftText.replace('%s', Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0'))
    setTimeout(tick, 1000)
  }
  tick()
}
})()
