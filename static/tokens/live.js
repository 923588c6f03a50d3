// The counters, refusals and cards of the access tokens tab, as they change.
(() => {
'use strict'
const { one, all, make, say, get, enhance, listen, tick } = window.notifer
const list = one('[data-tokens]'), wait = one('[data-wait]')
const number = n => n.toLocaleString('en')

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
  return text.split('`').map((part, i) => i % 2 ? make('code', part) : part)
}

function denied(r) {
  const [row, what, where, status, times, first] = ['li', 'div', 'span', 'span', 'span', 'time'].map(name => make(name))
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

if (list) live()
})()
