// Keys, for those who want them: none of them acts while something is being typed, and one can turn them off.
(() => {
'use strict'
const { base, one, all, make, say, toggle } = window.notifer
const off = 'no keys' // in the store of the browser: they are turned off

const keys = {
  '/': ['Search', search],
  c: ['Compose a message, or create a topic', () => { const p = one('#publish'); if (p) toggle(p); else one('a[href$="/?new"]')?.click() }],
  j: ['Next message or topic', () => step(1)],
  k: ['Previous message or topic', () => step(-1)],
  'g h': ['Go to the topics', () => go('/')],
  'g i': ['Go to the inbox', () => go('/inbox')],
  'Ctrl K': ['Jump to a topic or a page', () => window.notifer.jump()],
  '?': ['Show these shortcuts', help]
}
const go = path => { location = base + path }
function search() {
  const field = all('header input[type=search],#q,#filter').find(x => x.closest('details') || x.checkVisibility?.() !== false)
  field?.closest('details')?.setAttribute('open', '')
  field?.focus()
  field?.select()
}
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

let before = ''
addEventListener('keydown', e => {
  const typing = e.target.closest?.('input,textarea,select,dialog,[contenteditable]')
  if ((e.ctrlKey || e.metaKey) && e.key === 'k') { e.preventDefault(); window.notifer.jump(); return }
  if (e.key === 'Escape' && e.target.type === 'search' && !e.target.value && !e.target.closest('dialog')) { e.target.blur(); return }
  if (typing || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || localStorage.getItem(off)) return
  const key = keys[before + e.key] ?? keys[e.key]
  before = e.key === 'g' ? 'g ' : ''
  if (!key) return
  e.preventDefault()
  key[1]()
})

Object.assign(window.notifer, { search, help })
})()
