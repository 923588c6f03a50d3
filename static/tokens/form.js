// The form of a token: presets, programs, and the examples of what it is used in.
(() => {
'use strict'
const { one, all, aside } = window.notifer

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

snippets()
addEventListener('click', e => {
  const on = what => e.target.closest(what)
  if (on('[data-snip]')) localStorage.setItem('snippet', on('[data-snip]').dataset.snip)
  if (!on('a[data-preset]') || aside(e)) return
  e.preventDefault()
  preset(on('a[data-preset]'))
})
})()
