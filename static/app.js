// Everything here is on top of pages that work without it. No markup is ever made from text:
// what comes later comes as documents from the server, so Trusted Types have nothing to object to.
(() => {
'use strict'
const one = (what, root = document) => root.querySelector(what)
const all = (what, root = document) => [...root.querySelectorAll(what)]

const make = (name, ...inside) => { const x = document.createElement(name); x.append(...inside); return x }

// say shows a line at the foot of the page for a while; screen readers hear it. undo is a word and what it does.
let quiet
const say = (what, undo, act) => {
  const parts = [what], text = what.textContent ?? what
  if (undo) {
    const b = make('button', undo)
    b.type = 'button'
    b.className = 'link'
    b.onclick = () => { say(''); act() }
    parts.push(' ', b)
  }
  one('#said').replaceChildren(...text ? parts : [])
  clearTimeout(quiet)
  if (text && !text.classList?.contains('bad')) quiet = setTimeout(say, undo || text.length > 30 ? 8000 : 2500, '')
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

// enhance wakes up a page, a dialog or a part of a feed that has just arrived.
function enhance(root) {
  all('a[data-dialog]', root).forEach(a => { a.role = 'button'; a.ariaHasPopup = 'dialog' })
  all('[data-name]', root).forEach(nameRules)
  one('[data-focus]', root)?.focus()
  // What a form did stands where the page says such things; a screen reader hears only what comes after the page.
  const flash = one('main [data-flash]', root)
  if (flash) setTimeout(() => say(flash), 300)
}

// Copying: the clipboard does not exist on plain HTTP, so selecting is the second way and the hint the third.
function copy(button) {
  const from = one('#' + button.dataset.copy)
  copyText(from.value ?? from.textContent, button, from)
}
function copyText(text, button, from) {
  const words = one('#said').dataset
  const done = () => { say(words.copied); ticked(button) }
  const byHand = () => {
    const box = from ?? document.body.appendChild(Object.assign(document.createElement('textarea'), { value: text }))
    if (box.select) box.select()
    else getSelection().selectAllChildren(box)
    if (document.execCommand('copy')) done()
    else say(words.blocked)
    if (!from) box.remove()
  }
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand)
  else byHand()
}
// ticked shows for a while that a button has done its work.
function ticked(button) {
  const icon = one('.i', button)
  if (!icon || button.classList.contains('done')) return
  const sign = document.importNode(one('#tick').content, true).firstElementChild
  icon.replaceWith(sign)
  button.classList.add('done')
  setTimeout(() => { sign.replaceWith(icon); button.classList.remove('done') }, 2000)
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

// A form of a dialog that was refused stays in the dialog. The request says that it is made in advance, so that a page with
// a secret or a flash, where the answer leads, keeps it for the browser's own look.
function stay(form, by) {
  const x = new XMLHttpRequest(), box = form.closest('dialog')
  x.open('POST', form.action)
  x.responseType = 'document'
  x.setRequestHeader('Purpose', 'prefetch')
  x.onload = () => {
    const sheet = x.response && one('[data-sheet]', x.response)
    if (x.status < 400 || x.status === 503 && x.responseURL !== form.action) location = x.responseURL
    else if (sheet && x.status !== 401) { one('[data-sheet]', box).replaceWith(document.adoptNode(sheet)); enhance(box) }
    else form.submit()
  }
  x.onerror = () => form.submit()
  x.send(new URLSearchParams(new FormData(form, by)))
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
    const parts = ['curl -fsS', v('message')[0] === '@' ? '--data-raw' : '-d', quote(v('message'))]
    if (/[*_`#>|[]|^- |^\d+\. /m.test(v('message'))) parts.push('-H "X-Markdown: true"')
    if (v('title')) parts.push('-H', quote('X-Title: ' + v('title')))
    if (v('priority') !== '3') parts.push(`-H "X-Priority: ${v('priority')}"`)
    if (v('tags')) parts.push('-H', quote('X-Tags: ' + v('tags')))
    if (auth) parts.push(auth)
    line.textContent = [...parts, url].join(' ')
  }
}

const steps = [[60, 'second'], [3600, 'minute'], [86400, 'hour'], [5184000, 'day']]
const agoIn = style => new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'always', style })
const long = agoIn('long'), short = agoIn('narrow'), small = matchMedia('(max-width:46rem)')
const midnight = at => new Date(at).setHours(0, 0, 0, 0)
function tick() {
  const words = small.matches ? short : long
  all('time[data-ago]').forEach(t => {
    const s = (Date.parse(t.dateTime) - Date.now()) / 1000
    const i = steps.findIndex(([end]) => Math.abs(s) < end)
    if (i === 3 && s < 0) t.textContent = words.format(-Math.max(1, Math.round((midnight(Date.now()) - midnight(t.dateTime)) / 864e5)), 'day') // as headings count
    else if (i > 0) t.textContent = words.format(Math.round(s / steps[i - 1][0]), steps[i][1])
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
// The theme changes in place; the server keeps it.
const themes = { '': 'match system', dark: 'dark', light: 'light' }
addEventListener('submit', e => {
  if (!('themeSwitch' in e.target.dataset)) return
  e.preventDefault()
  const b = one('button', e.target), order = Object.keys(themes), now = b.value
  fetch(e.target.action, { method: 'POST', body: new URLSearchParams({ only: 'theme', theme: now }), redirect: 'manual' })
  document.documentElement.dataset.theme = now
  b.value = order[(order.indexOf(now) + 1) % 3]
  b.title = b.ariaLabel = 'Theme: ' + themes[now]
})
addEventListener('submit', e => {
  if (e.defaultPrevented || e.target.method === 'get') return
  if (e.target.dataset.busy) { e.preventDefault(); return }
  e.target.dataset.busy = 1
  e.submitter?.setAttribute('aria-disabled', true)
  if ('stay' in e.target.dataset && e.target.closest('dialog')) { e.preventDefault(); stay(e.target, e.submitter) }
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

// toggle opens a folded part of the page and goes into it.
function toggle(box) {
  box.open = true
  box.scrollIntoView({ block: 'nearest' })
  const field = one('input:not([type=hidden]),textarea,select', box)
  field?.focus()
  return field
}

// Keys, for those who want them: none of them acts while something is being typed, and one can turn them off.
const off = 'no keys', keys = {
  '/': ['Search', () => { const f = all('header input[type=search],#q,#filter').find(x => x.closest('details') || x.checkVisibility?.() !== false); f?.closest('details')?.setAttribute('open', ''); f?.focus(); f?.select() }],
  c: ['Compose a message, or create a topic', () => { const p = one('#publish'); if (p) toggle(p); else one('a[href$="/?new"]')?.click() }],
  j: ['Next message or topic', () => step(1)],
  k: ['Previous message or topic', () => step(-1)],
  'g h': ['Go to the topics', () => go('/')],
  'g i': ['Go to the inbox', () => go('/inbox')],
  'Ctrl K': ['Jump to a topic or a page', jump],
  '?': ['Show these shortcuts', help]
}
const go = path => { location = document.documentElement.dataset.base + path }
function step(by) {
  const seen = x => x.checkVisibility?.() ?? true, messages = all('article[data-id]').filter(seen)
  const list = messages.length ? messages : all('[data-topic] h2 a').filter(seen)
  const at = list.indexOf(document.activeElement.closest('article,a'))
  const first = list.findIndex(x => x.getBoundingClientRect().top > 60)
  const next = list[at < 0 ? Math.max(first, 0) : Math.min(Math.max(at + by, 0), list.length - 1)]
  if (!next) return
  if (next.localName === 'article') next.tabIndex = -1
  next.focus({ preventScroll: true })
  next.scrollIntoView({ block: 'nearest' })
}
function help() {
  if (one('dialog.keys')) return
  const list = make('dl'), gone = localStorage.getItem(off), turn = make('button', gone ? 'Turn shortcuts on' : 'Turn shortcuts off'), shut = make('button', 'Close')
  for (const [key, [what]] of Object.entries(keys)) list.append(make('div', make('dt', ...key.split(' ').map(k => make('kbd', k))), make('dd', what)))
  const box = make('dialog', make('h2', 'Keyboard shortcuts'), list, make('div', shut, turn))
  box.className = 'keys'
  box.setAttribute('aria-label', 'Keyboard shortcuts')
  box.lastElementChild.className = 'acts row'
  for (const b of [shut, turn]) { b.type = 'button'; b.className = 'btn' }
  shut.onclick = () => box.close()
  turn.onclick = () => {
    if (gone) localStorage.removeItem(off)
    else localStorage.setItem(off, 1)
    box.close()
    say(gone ? 'Shortcuts are on.' : 'Shortcuts are off, except Ctrl+K, which also leads back to this list.')
  }
  box.onclose = () => box.remove()
  document.body.append(box)
  box.showModal()
}

// jump is the way to a topic or a page by a part of its name: Ctrl+K.
const rank = (name, words) => words.every(w => name.includes(w)) ? name.startsWith(words[0]) ? 0 : name.split(/[^\p{L}\p{N}]+/u).some(p => p.startsWith(words[0])) ? 1 : 2 : 3
let names // of the topics, as they were when last asked for
function jump() {
  if (one('dialog[open]')) return
  if (!one('header .find')) return keys['/'][1]()
  const links = new Map(all('header nav a,header .menu a').map(a => [a.href, a.textContent.trim()]))
  const pages = [...links].map(([href, name]) => [name, href, 'Page']).concat([['Keyboard shortcuts', '', 'Help']])
  let list = (names ?? []).concat(pages), shown = [], at = 0, moved, early
  const input = make('input'), rows = make('ul'), box = make('dialog', input, rows)
  Object.assign(box, { className: 'jumpto', ariaLabel: 'Jump to a topic or a page' })
  Object.assign(input, { type: 'text', role: 'combobox', placeholder: 'Topic or page', maxLength: 200, autocomplete: 'off', spellcheck: false, ariaLabel: box.ariaLabel, ariaExpanded: true, ariaAutoComplete: 'list' })
  input.setAttribute('aria-controls', rows.id = 'jumpto')
  Object.assign(rows, { role: 'listbox', ariaLabel: 'Matches' })
  const choose = n => {
    at = n
    all('li', rows).forEach((li, i) => { li.ariaSelected = i === at })
    if (rows.children[at]) input.setAttribute('aria-activedescendant', rows.children[at].id)
    rows.children[at]?.scrollIntoView({ block: 'nearest' })
  }
  const show = chosen => {
    const text = input.value.trim(), words = text.toLowerCase().split(/\s+/), ranks = new Map(list.map(x => [x, rank(x[0].toLowerCase(), words)]))
    shown = list.filter(x => ranks.get(x) < 3).sort((a, b) => ranks.get(a) - ranks.get(b)).slice(0, 50)
    const kept = chosen && list.find(x => x[1] === chosen)
    if (kept && !shown.includes(kept)) shown.splice(-1, 1, kept) // many names came before it
    if (text) shown.push([`Search all messages for "${text}"`, document.documentElement.dataset.base + '/inbox?q=' + encodeURIComponent(text), ''])
    rows.replaceChildren(...shown.map(([name, , kind], i) => Object.assign(make('li', make('span', name), make('small', kind)), { id: 'jumpto-' + i, role: 'option' })))
    choose(Math.max(shown.findIndex(x => x[1] === chosen), 0))
  }
  const open = () => {
    if (!shown[at]) return
    box.close()
    if (shown[at][1]) location = shown[at][1]
    else help()
  }
  input.oninput = () => { moved = early = false; show() }
  input.onkeydown = e => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[e.key]
    if (by) { e.preventDefault(); moved = true; choose((at + by + shown.length) % shown.length) }
    if (e.key === 'Enter' && !e.isComposing) { e.preventDefault(); if (names || moved || !input.value.trim()) open(); else early = true }
  }
  rows.onclick = e => { const li = e.target.closest('li'); if (li) { at = [...rows.children].indexOf(li); open() } }
  box.onclick = e => { if (e.target === box) box.close() }
  box.onclose = () => box.remove()
  document.body.append(box)
  show()
  box.showModal()
  get(document.documentElement.dataset.base + '/?part=names').then(page => {
    names = all('#names a', page).map(a => [a.textContent, a.href, 'Topic'])
    list = names.concat(pages)
    if (box.open) show(moved && shown[at]?.[1])
  }, () => {}).then(() => { if (early && box.open) open() })
}
let before = ''
addEventListener('keydown', e => {
  const typing = e.target.closest?.('input,textarea,select,dialog,[contenteditable]')
  if ((e.ctrlKey || e.metaKey) && e.key === 'k') { e.preventDefault(); jump(); return }
  if (typing || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || localStorage.getItem(off)) return
  const key = keys[before + e.key] ?? keys[e.key]
  before = e.key === 'g' ? 'g ' : ''
  if (!key) return
  e.preventDefault()
  key[1]()
})

// A filter hides what does not hold its words.
addEventListener('input', e => {
  const box = e.target.closest('[data-filter]')
  if (!box) return
  const words = e.target.value.trim().toLowerCase().split(/\s+/), items = all(box.dataset.filter)
  items.forEach(i => { i.hidden = !words.every(w => i.textContent.toLowerCase().includes(w)) })
  if (box.dataset.index) all(box.dataset.index).forEach(a => { a.hidden = document.getElementById(a.hash.slice(1))?.hidden })
  one('[role=status]', box).hidden = items.some(i => !i.hidden)
})
// Filters act when they change; typing waits for Enter.
addEventListener('change', e => { if (e.target.matches('form[data-search] select,form[data-search] input[type=date]')) e.target.form.requestSubmit() })

// Copying a message: its text as it reads, or the URL where it stands.
const titleOf = m => {
  const h = one('h3', m)?.cloneNode(true)
  all('span', h ?? m).forEach(x => h && x.remove())
  return h?.textContent.trim() ?? ''
}
const wordsOf = m => all('.text,.md', m).map(x => (x.innerText || x.textContent).trim()).filter(Boolean).join('\n')
const textOf = m => [titleOf(m), wordsOf(m)].filter(Boolean).join('\n')
const placeOf = m => one('a[href*="#m-"]', m)?.href ?? location.origin + location.pathname + '#' + m.id

// again is the curl line that publishes a message once more.
function again(m) {
  const text = wordsOf(m), title = titleOf(m), parts = ['curl -fsS', text[0] === '@' ? '--data-raw' : '-d', quote(text)]
  if (title) parts.push('-H', quote('X-Title: ' + title))
  if (m.dataset.priority !== '3') parts.push(`-H "X-Priority: ${m.dataset.priority}"`)
  return [...parts, '-H "X-Topic-Token: $NOTIFER_TOPIC_TOKEN"', placeOf(m).replace(/[#?].*/, '').replace('/topic/', '/')].join(' ')
}
addEventListener('click', e => {
  const on = what => e.target.closest(what), m = on('article[data-id]'), eye = on('[data-eye]')
  if (on('[data-toggle]')) { e.preventDefault(); toggle(one('#' + on('[data-toggle]').dataset.toggle)) }
  if (m && on('[data-copy-text]')) copyText(textOf(m), on('[data-copy-text]'))
  if (m && on('[data-copy-link]')) copyText(placeOf(m), on('[data-copy-link]'))
  if (m && on('[data-copy-curl]')) copyText(again(m), on('[data-copy-curl]'))
  if (on('[data-menu] button')) on('[data-menu]').open = false
  if (eye) {
    const input = one('#' + eye.dataset.eye), shown = input.type === 'text'
    input.type = shown ? 'password' : 'text'
    eye.ariaPressed = !shown
  }
})

// Signing out leaves no page and no notification behind; the server ends those to come.
all('form[action$="/logout"]').forEach(f => f.addEventListener('submit', () => {
  sessionStorage.clear()
  window.caches?.delete('pages-1')
  navigator.clearAppBadge?.().catch(() => {})
  navigator.serviceWorker?.getRegistration(document.documentElement.dataset.base + '/')
    .then(r => r?.getNotifications()).then(list => list?.forEach(n => n.close())).catch(() => {})
}))

// A link into a folded part of a page opens it.
const unfold = () => {
  const d = location.hash.length > 1 && document.getElementById(location.hash.slice(1))
  if (d?.classList?.contains('panel')) toggle(d)
  else if (d?.localName === 'details') d.open = true
}
addEventListener('hashchange', unfold)
addEventListener('click', e => { if (location.hash && e.target.closest('a')?.href === location.href) setTimeout(unfold) }) // which changes no hash
unfold()

window.notifer = { one, all, say, get, enhance, badge, tick }
enhance(document)
all('form[data-publish]').forEach(curl)
setInterval(tick, 30000)
small.onchange = tick
if (small.matches) tick()
})()
