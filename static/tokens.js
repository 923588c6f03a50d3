// The access tokens tab: live counters, the test message, presets, the filter, and care for a secret on the screen.
(() => {
'use strict'
const { one, all, say, get, enhance, listen, tick } = window.notifer
const list = one('[data-tokens]'), reveal = one('[data-reveal]'), wait = one('[data-wait]')
const number = n => n.toLocaleString('en')
const make = name => document.createElement(name)

// put shows a text whose %t is a moment and whose %a is an address; what comes after the moment is the lesser part of a row.
function put(where, text, u, lesser) {
  const [before, after] = text.replace('%a', u.address).split('%t'), time = make('time'), rest = make('span')
  time.dateTime = time.title = u.at
  time.dataset.ago = ''
  time.textContent = one('#said').dataset.now
  rest.textContent = after
  if (lesser) rest.className = 'sub'
  where.replaceChildren(before, time, rest)
}

function used(u) {
  for (const card of all(`[data-token="${u.id}"]`)) {
    put(one('[data-last]', card), u.text, u, true)
    one('[data-total]', card).textContent = number(u.total)
    one('[data-unused]', card)?.remove()
    const refused = one('[data-refused]', card)
    if (refused && u.refused) {
      refused.hidden = false
      refused.textContent = list.dataset.denied.replace('%n', number(u.refused))
    }
  }
  if (wait?.dataset.wait === u.id && !u.old) {
    put(wait, wait.dataset.works, u)
    wait.closest('.wait').classList.add('good')
    one('.dot', wait.closest('.wait'))?.setAttribute('class', 'dot good')
  }
}

// coded shows a sentence in which backquotes enclose code.
function coded(text) {
  return text.split('`').map((part, i) => {
    if (i % 2 === 0) return part
    const code = make('code')
    code.textContent = part
    return code
  })
}

function denied(r) {
  const [row, what, where, status, times, first] = ['li', 'div', 'span', 'span', 'span', 'time'].map(make)
  const rows = one('[data-refusals]')
  if (!rows) return
  row.className = 'why'
  row.dataset.group = r.group
  row.dataset.times = r.times
  status.className = 'badge num ' + (r.status === 403 ? 'warn' : 'bad')
  status.textContent = r.status
  what.append(...coded(r.text), ' ')
  if (r.hint) what.append(Object.assign(make('code'), { className: 'tiny', textContent: r.hint }), ' ')
  where.className = 'mute small'
  put(where, r.from, r)
  if (r.times > 1) {
    times.className = 'badge acc'
    times.textContent = '× ' + number(r.times)
    what.append(times)
    first.dateTime = first.title = r.first
    first.dataset.ago = ''
    where.append(' · first ', first)
  }
  row.append(status, what, where)
  one(`[data-group="${r.group}"]`, rows)?.remove()
  rows.prepend(row)
  rows.children[20]?.remove()
  const count = one('#trouble [data-count]')
  count.textContent = number(all('[data-group]', rows).reduce((sum, x) => sum + Number(x.dataset.times), 0))
  count.parentElement.classList.add('bad')
  one('[data-none]')?.remove()
  tick()
}

// refresh takes the cards that have changed from the page as it is now: what another tab did to a token shows here too.
async function refresh() {
  const page = await get(location.pathname).catch(() => null)
  if (page) all('[data-look]').forEach(card => {
    const now = page.getElementById(card.id), had = card.contains(document.activeElement)
    if (!now || now.dataset.look === card.dataset.look) return
    card.replaceWith(now)
    enhance(now)
    if (had) one('h3 a', now)?.focus()
  })
}

function live() {
  const events = { use: e => used(JSON.parse(e.data)), denied: e => denied(JSON.parse(e.data)) }
  // What somebody else did is said; what the reader did elsewhere shows by itself.
  for (const name of ['created', 'changed', 'revoked']) events[name] = e => {
    const deed = JSON.parse(e.data), text = list.dataset[name]
    if (text && deed.by !== list.dataset.by) say(text.replace('%b', deed.by).replace('%n', deed.name))
    refresh()
  }
  let before = false
  const stream = listen(() => list.dataset.tokens, events, () => {
    if (before) refresh()
    before = true
  })
  document.addEventListener('visibilitychange', () => document.hidden ? stream.close() : stream.on || stream.connect())
}

// The test message goes the way a script's would: through the public address, with the header.
async function test(box) {
  const result = one('[role=status]', box), begin = performance.now(), words = box.dataset
  result.textContent = '…'
  result.className = 'small'
  try {
    const reply = await fetch(words.test, { method: words.text ? 'POST' : 'GET', body: words.text, credentials: 'omit', headers: { [words.header ?? 'X-Topic-Token']: one('#secret').value } })
    const body = await reply.json().catch(() => null), ok = reply.ok && (body?.id || !words.text)
    result.textContent = ok ? words.ok.replace('%d', Math.round(performance.now() - begin))
      : body?.detail ? `${reply.status}: ${body.hint || body.detail}` : words.odd.replace('%s', reply.status)
    result.className = ok ? 'small good' : 'small badtext'
  } catch {
    result.textContent = words.none
    result.className = 'small badtext'
  }
}

// A secret on the screen: leaving without it asks once, and a page left alone forgets it.
function guard() {
  let kept = false, timer
  const keep = () => { kept = true }
  addEventListener('beforeunload', e => { if (!kept) e.preventDefault() })
  addEventListener('copy', keep)
  addEventListener('click', e => { if (e.target.closest('[data-copy],[data-test]')) keep() })
  document.addEventListener('selectionchange', () => { if (reveal.contains(getSelection().anchorNode) && String(getSelection())) keep() })
  one('#secret').addEventListener('select', keep)
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(() => { keep(); reveal.remove() }, 120000)
  })
}

function preset(link) {
  const form = link.closest('form'), p = link.dataset
  form.name.value = p.preset
  form.note.value = p.note ?? ''
  form.publish.checked = p.may.includes('pub')
  form.subscribe.checked = p.may.includes('sub')
  const days = one(`[value="${p.days}"]`, form.expires)
  if (days) days.selected = true
  all('[data-preset]', form).forEach(a => { a.ariaCurrent = a === link || null })
  const set = one('[data-preset-said]', form), may = [['pub', 'publish'], ['sub', 'subscribe']].filter(([k]) => p.may.includes(k)).map(([, word]) => word)
  if (set) set.textContent = `Sets: ${may.join(' and ')}, expires: ${form.expires.selectedOptions[0].text.toLowerCase()}.`
  form.name.focus()
}

// The search of programs leaves those that have all its words, and what is chosen.
function sift(input) {
  const words = input.value.toLowerCase().split(/\s+/)
  for (const pick of all('.sendpick[data-words]', input.closest('fieldset'))) {
    pick.hidden = !one('input', pick).checked && !words.every(w => pick.dataset.words.includes(w))
  }
}

// A program that is chosen names the token, unless the reader has.
function picked(radio) {
  const name = radio.form?.name, names = radio.form && all('[data-called]', radio.form).map(r => r.dataset.called)
  if (name && radio.dataset.called && (!name.value || names.includes(name.value))) name.value = radio.dataset.called
}
addEventListener('input', e => { if (e.target.matches('[data-sift]')) sift(e.target) })
addEventListener('change', e => { if (e.target.matches('.sendpick input')) picked(e.target) })

// The kind of example that was chosen last is shown first.
function snippets() {
  const label = one(`[data-snip="${localStorage.getItem('snippet')}"]`)
  if (!label) return
  one('input', label).checked = true
  const pane = label.closest('.pane'), tabs = pane && pane.closest('.tabs')
  if (tabs) one(':scope > .row > :last-child input', tabs).checked = true
}

addEventListener('click', e => {
  const on = what => e.target.closest(what)
  if (on('[data-test] button')) test(on('[data-test]'))
  if (on('[data-snip]')) localStorage.setItem('snippet', on('[data-snip]').dataset.snip)
  if (!on('a[data-preset]') || e.ctrlKey || e.metaKey || e.shiftKey) return
  e.preventDefault()
  preset(on('a[data-preset]'))
})
// A link to a folded part opens it.
const named = location.hash.length > 1 && document.getElementById(location.hash.slice(1))
if (named) {
  const fold = named.closest('details')
  if (fold) fold.open = true
}
addEventListener('click', e => {
  const to = e.target.closest('a[href^="#"]')?.getAttribute('href').slice(1), fold = to && document.getElementById(to)?.closest('details')
  if (fold) fold.open = true
})

// The page of keys has no stream of its own: it is asked until the new key has been used.
const asked = one('[data-poll]')
if (asked) {
  const timer = setInterval(async () => {
    const page = !document.hidden && await get(location.pathname).catch(() => null)
    if (!page || !page.querySelector(`[data-key="${asked.dataset.poll}"] [data-used]`)) return
    clearInterval(timer)
    asked.textContent = asked.dataset.works
    asked.closest('.wait').classList.add('good')
    one('.dot', asked.closest('.wait')).setAttribute('class', 'dot good')
  }, 2000)
}

snippets()
if (reveal) guard()
if (list) live()
})()
