// What every script of a page uses: finding, making and fetching parts of pages, and speaking to the reader. Everything is on top
// of pages that work without script. No markup is ever made from text: what comes later comes as documents from the server, so
// Trusted Types have nothing to object to.
(() => {
'use strict'
const root = document.documentElement, base = root.dataset.base
const one = (what, inside = document) => inside.querySelector(what)
const all = (what, inside = document) => [...inside.querySelectorAll(what)]
const make = (name, ...inside) => { const x = document.createElement(name); x.append(...inside); return x }
// aside reports whether a press on a link asks for another tab or window, which is the browser's to open.
const aside = e => e.ctrlKey || e.metaKey || e.shiftKey || e.button

// say shows a line at the foot of the page, and screen readers hear it. It stays for a while; a failure stays until it is dismissed.
// label is the text of a button and act what it does.
let quiet
function say(what, label, act) {
  const parts = [what], text = what.textContent ?? what, bad = what.classList?.contains('bad')
  if (bad) label ??= 'Dismiss'
  if (label) {
    const b = make('button', label)
    b.type = 'button'
    b.className = 'link'
    b.onclick = () => { say(''); act?.() }
    parts.push(' ', b)
  }
  one('#said').replaceChildren(...text ? parts : [])
  clearTimeout(quiet)
  if (text && !bad) quiet = setTimeout(say, label || text.length > 30 ? 8000 : 2500, '')
}

// badge shows a number in the title of the tab, on its icon and on the icon of the installed app.
const title = document.title, icon = one('link[rel=icon]'), plain = icon?.href
function badge(n) {
  document.title = n ? `(${n < 100 ? n : '99+'}) ${title}` : title
  if (icon) icon.href = n ? plain.replace('icon.svg', 'icon-new.svg') : plain
  const set = n ? navigator.setAppBadge?.(n) : navigator.clearAppBadge?.()
  set?.catch(() => {})
}

const get = url => new Promise((ok, no) => {
  const x = new XMLHttpRequest()
  x.open('GET', url)
  x.responseType = 'document'
  x.onload = () => x.status < 400 && x.response ? ok(x.response) : no(x.status)
  x.onerror = x.ontimeout = no
  x.timeout = 30000 // a connection that died in a sleep never says so
  x.send()
})

// enhance wakes up a page, a dialog or a part of a feed that has just arrived; onArrival adds what is done to it.
const arrivals = []
const onArrival = work => { arrivals.push(work) }
function enhance(part) {
  arrivals.forEach(work => work(part))
  one('[data-focus]', part)?.focus()
  // What a form did stands where the page says such things; a screen reader hears only what comes after the page.
  const flash = one('main [data-flash]', part)
  if (flash) setTimeout(() => say(flash), 300)
}

window.notifer = { root, base, one, all, make, aside, say, badge, get, enhance, onArrival }
})()
