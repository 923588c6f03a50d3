// Menus and folded parts of a page: opening, closing, and going into them.
(() => {
'use strict'
const { one, all } = window.notifer
const menus = () => all('[data-menu][open]')

// toggle opens a folded part of the page and goes into it.
function toggle(box) {
  box.open = true
  box.scrollIntoView({ block: 'nearest' })
  const field = one('input:not([type=hidden]),textarea,select', box)
  field?.focus()
  return field
}

// A link into a folded part opens it.
function unfold() {
  const to = location.hash.length > 1 && document.getElementById(location.hash.slice(1))
  if (!to) return
  if (to.classList.contains('panel')) return toggle(to)
  const fold = to.closest('details')
  if (fold) fold.open = true
}
addEventListener('hashchange', unfold)
unfold()

addEventListener('click', e => {
  const on = what => e.target.closest(what)
  menus().forEach(m => { if (!m.contains(e.target) || on('[data-menu] button')) m.open = false })
  if (on('[data-toggle]')) { e.preventDefault(); toggle(one('#' + on('[data-toggle]').dataset.toggle)) }
  if (location.hash && on('a')?.href === location.href) setTimeout(unfold) // which changes no hash
})
addEventListener('keydown', e => {
  if (e.key === 'Escape') menus().forEach(m => { m.open = false; one('summary', m).focus() })
})

window.notifer.toggle = toggle
})()
