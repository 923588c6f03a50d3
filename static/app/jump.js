// The way to a topic or a page by a part of its name: Ctrl+K.
(() => {
'use strict'
const { base, one, all, make, get, search, help } = window.notifer

const rank = (name, words) => words.every(w => name.includes(w)) ? name.startsWith(words[0]) ? 0 : name.split(/[^\p{L}\p{N}]+/u).some(p => p.startsWith(words[0])) ? 1 : 2 : 3
let names // of the topics, as they were when last asked for
function jump() {
  if (one('dialog[open]')) return
  if (!one('header .find')) return search()
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
    if (text) shown.push([`Search all messages for "${text}"`, base + '/inbox?q=' + encodeURIComponent(text), ''])
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
  get(base + '/?part=names').then(page => {
    names = all('#names a', page).map(a => [a.textContent, a.href, 'Topic'])
    list = names.concat(pages)
    if (box.open) show(moved && shown[at]?.[1])
  }, () => {}).then(() => { if (early && box.open) open() })
}

window.notifer.jump = jump
})()
