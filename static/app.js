// Everything here is on top of pages that work without it. No markup is ever made from text:
// what comes later comes as documents from the server, so Trusted Types have nothing to object to.
(() => {
'use strict'
const one = (what, root = document) => root.querySelector(what)
const all = (what, root = document) => [...root.querySelectorAll(what)]

// say shows a line at the foot of the page for a while; screen readers hear it.
let quiet
const say = text => {
  one('#said').textContent = text
  clearTimeout(quiet)
  if (text) quiet = setTimeout(say, 8000, '')
}

const get = url => new Promise((ok, no) => {
  const x = new XMLHttpRequest()
  x.open('GET', url)
  x.responseType = 'document'
  x.onload = () => x.status < 400 && x.response ? ok(x.response) : no(x.status)
  x.onerror = no
  x.send()
})

// enhance wakes up a page, a dialog or a part of a feed that has just arrived.
function enhance(root) {
  all('a[data-dialog]', root).forEach(a => { a.role = 'button'; a.ariaHasPopup = 'dialog' })
  all('[data-name]', root).forEach(nameRules)
  const flash = one('[data-flash]', root), first = one('[data-focus]', root) ?? flash
  first?.focus()
  // The focus may be far below what says how it went.
  if (flash?.getBoundingClientRect().bottom < 48) say(flash.textContent)
}

// Copying: the clipboard does not exist on plain HTTP, so selecting is the second way and the hint the third.
function copy(button) {
  const from = one('#' + button.dataset.copy), words = one('#said').dataset
  const text = from.value ?? from.textContent
  const byHand = () => {
    if (from.select) from.select()
    else getSelection().selectAllChildren(from)
    say(document.execCommand('copy') ? words.copied : words.blocked)
  }
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => say(words.copied), byHand)
  else byHand()
}

// Dialogs: the link's own page holds the sheet to show.
async function dialog(link) {
  const page = await get(link.href).catch(() => null)
  const sheet = page && one('[data-sheet],[data-alert]', page)
  if (!sheet) { location = link.href; return }
  const box = document.createElement('dialog')
  box.setAttribute('aria-labelledby', 'sheet-title')
  if ('alert' in sheet.dataset) box.role = 'alertdialog'
  box.append(document.adoptNode(sheet))
  document.body.append(box)
  box.onclose = () => { box.remove(); link.focus() }
  box.onclick = e => {
    const typed = all('input,textarea', box).some(i => i.value !== i.defaultValue)
    if (e.target === box && !typed || e.target.closest('[data-close]')) { e.preventDefault(); box.close() }
  }
  enhance(box)
  box.showModal()
}

function nameRules(input) {
  const rules = one('[data-name-rules]', input.form)
  const check = () => {
    rules.hidden = !input.value
    all('[data-rule]', rules).forEach(li => { li.className = new RegExp(li.dataset.rule).test(input.value) ? 'yes' : 'no' })
  }
  input.oninput = check
  check()
}

async function generate(link) {
  const name = one('[data-name]', await get(link.href)).value
  const input = one('[data-name]', link.closest('form'))
  input.value = name
  input.dispatchEvent(new Event('input'))
  input.focus()
}

const quote = s => "'" + s.replaceAll("'", "'\\''") + "'"

// The publish box shows the curl line that does the same.
function curl(form) {
  const line = one('code', form), { auth, url } = form.dataset, start = line.textContent
  form.oninput = () => {
    const v = name => form.elements[name].value.trim()
    if (!v('message')) { line.textContent = start; return }
    const parts = ['curl -fsS', v('message')[0] === '@' ? '--data-raw' : '-d', quote(v('message')), '-H "X-Markdown: true"']
    if (v('title')) parts.push('-H', quote('X-Title: ' + v('title')))
    if (v('priority') !== '3') parts.push(`-H "X-Priority: ${v('priority')}"`)
    if (v('tags')) parts.push('-H', quote('X-Tags: ' + v('tags')))
    if (auth) parts.push(auth)
    line.textContent = [...parts, url].join(' ')
  }
}

const steps = [[60, 'second'], [3600, 'minute'], [86400, 'hour'], [5184000, 'day']]
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto' })
function tick() {
  all('time[data-ago]').forEach(t => {
    const s = (Date.parse(t.dateTime) - Date.now()) / 1000
    const i = steps.findIndex(([end]) => Math.abs(s) < end)
    if (i > 0) t.textContent = words.format(Math.round(s / steps[i - 1][0]), steps[i][1])
  })
}

addEventListener('click', e => {
  const on = what => e.target.closest(what)
  all('[data-menu][open]').forEach(m => { if (!m.contains(e.target)) m.open = false })
  if (on('[data-copy]')) copy(on('[data-copy]'))
  if (on('[data-zone]')) one('#zone').value = zone
  if (e.ctrlKey || e.metaKey || e.shiftKey || e.button) return
  const link = on('a[data-dialog],a[data-generate]')
  if (!link) return
  e.preventDefault()
  if ('generate' in link.dataset) generate(link)
  else dialog(link)
})
addEventListener('keydown', e => {
  if (e.key === 'Escape') all('[data-menu][open]').forEach(m => { m.open = false; one('summary', m).focus() })
  if (e.key === ' ' && e.target.matches('a[data-dialog]')) { e.preventDefault(); e.target.click() }
})
addEventListener('submit', e => {
  if (e.defaultPrevented || e.target.method === 'get') return
  if (e.target.dataset.busy) { e.preventDefault(); return }
  e.target.dataset.busy = 1
  e.submitter?.setAttribute('aria-disabled', true)
})
addEventListener('pageshow', () => all('[data-busy]').forEach(f => {
  delete f.dataset.busy
  all('[aria-disabled]', f).forEach(b => b.ariaDisabled = null)
}))

// The server shows times in the reader's zone from the second page on; the first is the one to sign in.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
if (zone && !document.cookie.split('; ').includes('notifer_zone=' + zone)) {
  document.cookie = `notifer_zone=${zone}; path=${document.documentElement.dataset.base}/; max-age=31536000; samesite=lax`
}

window.notifer = { one, all, say, get, enhance }
enhance(document)
all('form[data-publish]').forEach(curl)
setInterval(tick, 30000)
})()
