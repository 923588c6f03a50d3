// Forms: what helps to fill them, and what acts as soon as it is changed.
(() => {
'use strict'
const { root, one, all, aside, get, onArrival } = window.notifer

// The rules of a topic's name say which of them it keeps while it is typed.
onArrival(part => all('[data-name]', part).forEach(input => {
  const rules = one('[data-name-rules]', input.form)
  const check = () => {
    rules.hidden = !input.value
    all('[data-rule]', rules).forEach(li => { li.className = new RegExp(li.dataset.rule).test(input.value) ? 'yes' : 'no' })
  }
  input.oninput = check
  check()
}))
async function generate(link) {
  const name = one('[data-name]', await get(link.href)).value
  const input = one('[data-name]', link.closest('form'))
  input.value = name
  input.dispatchEvent(new Event('input'))
  input.focus()
}

addEventListener('click', e => {
  const on = what => e.target.closest(what), eye = on('[data-eye]'), link = on('a[data-generate]')
  if (eye) {
    const input = one('#' + eye.dataset.eye), shown = input.type === 'text'
    input.type = shown ? 'password' : 'text'
    eye.ariaPressed = !shown
  }
  if (!link || aside(e)) return
  e.preventDefault()
  generate(link)
})

// The theme changes in place; the server keeps it.
const themes = { '': 'match system', dark: 'dark', light: 'light' }
addEventListener('submit', e => {
  if (!('themeSwitch' in e.target.dataset)) return
  e.preventDefault()
  const b = one('button', e.target), order = Object.keys(themes), now = b.value
  fetch(e.target.action, { method: 'POST', body: new URLSearchParams({ only: 'theme', theme: now }), redirect: 'manual' })
  root.dataset.theme = now
  b.value = order[(order.indexOf(now) + 1) % 3]
  b.title = b.ariaLabel = 'Theme: ' + themes[now]
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
// The fields of a search act when they change; typing waits for Enter.
addEventListener('change', e => { if (e.target.matches('form[data-search] select,form[data-search] input[type=date]')) e.target.form.requestSubmit() })
})()
