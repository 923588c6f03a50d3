// Messages that belong together: repeats are folded into the newest of them, and what an alert said before says what became of it.
(() => {
'use strict'
const { one, all } = window.notifer

// Messages that follow each other and say the same are folded into the newest of them. The server does so for what it sends;
// where pieces join, they are counted anew. A run that was unfolded stays so when it grows.
function group(feed) {
  for (const list of all('[data-list]', feed)) {
    let run = []
    for (const x of list.children) {
      if (x.hidden) continue
      if (x.localName !== 'article') { fold(run); run = [] } else {
        if (run.length && x.dataset.same !== run[0].dataset.same) { fold(run); run = [] }
        run.push(x)
      }
    }
    fold(run)
  }
}
function fold([lead, ...rest]) {
  if (!lead) return
  const open = [lead, ...rest].some(a => 'unfolded' in a.dataset)
  for (const a of rest) {
    a.classList.toggle('rep', !open)
    one('[data-repeats]', a)?.remove()
    if (open) a.dataset.unfolded = ''
  }
  lead.classList.remove('rep')
  let button = one('[data-repeats]', lead)
  if (!rest.length) return button?.remove()
  if (!button) {
    button = document.importNode(one('template[data-times]').content, true).firstElementChild
    one('.foot', lead).before(button)
  }
  const from = rest.at(-1).dataset.clock, to = lead.dataset.clock, older = one('[data-older]', feedOf(lead))?.closest('nav')
  const cut = older && !older.hidden && rest.at(-1) === all('article', feedOf(lead)).at(-1)
  const words = [`× ${rest.length + 1}${cut ? '+' : ''}`, from === to ? 'At ' + to : `Between ${from} and ${to}`]
  all('span', button).forEach((s, i) => { if (s.textContent !== words[i]) s.textContent = words[i] })
  button.ariaExpanded = open
}
const feedOf = x => x.closest('#feed')
function folds(feed) {
  feed.addEventListener('click', e => {
    const button = e.target.closest('[data-repeats]')
    if (!button) return
    const lead = button.closest('article'), open = button.ariaExpanded === 'true'
    for (let a = lead; a && a.dataset.same === lead.dataset.same; a = a.nextElementSibling) {
      if (open) delete a.dataset.unfolded
      else a.dataset.unfolded = ''
    }
    group(feed)
    one('[data-repeats]', lead)?.focus()
  })
}

// Of the messages about one thing the newest counts, the others say what became of it.
function answered(feed) {
  const last = new Map()
  for (const a of all('article[data-key]', feed)) {
    const by = last.get(a.dataset.key), badge = one('[data-alert]', a)
    if (!by) { last.set(a.dataset.key, a); continue }
    if (a.classList.contains('past') && !('resolved' in by.dataset)) continue
    a.classList.add('past')
    badge.className = 'badge'
    badge.textContent = 'resolved' in by.dataset ? 'Resolved later' : 'Updated later'
  }
}

Object.assign(window.notifer, { group, answered, folds })
})()
