// The template of a token: a field of a payload that is pressed goes where the reader typed last, and the preview follows.
(() => {
'use strict'
const { one, all, say, enhance } = window.notifer
const template = one('#template')
let later, asked

function preview() {
  const x = asked = new XMLHttpRequest(), body = new URLSearchParams(new FormData(template))
  body.set('preview', '1')
  x.open('POST', template.action)
  x.responseType = 'document'
  x.onload = () => {
    const now = x === asked && x.response && one('#payloads', x.response), was = one('#payloads')
    if (!now) return
    const open = all(':scope>details', was).map(d => d.open)
    all(':scope>details', now).forEach((d, i) => { d.open = open[i] ?? d.open })
    was.replaceWith(document.adoptNode(now))
    enhance(now)
  }
  x.send(body)
}

function soon() { clearTimeout(later); later = setTimeout(preview, 500) }

template.addEventListener('input', soon)
template.addEventListener('focusin', e => { const name = e.target.dataset.template, into = one('#into'); if (name && into && name !== 'each') into.value = name })
addEventListener('click', e => {
  const leaf = e.target.closest('.leaf')
  if (!leaf) return
  e.preventDefault()
  const whole = leaf.name === 'add_each', to = one('#template_' + (whole ? 'each' : one('#into').value))
  if (whole) to.value = leaf.value
  else {
    const end = to.selectionStart + leaf.value.length
    to.setRangeText(leaf.value, to.selectionStart, to.selectionEnd)
    // With a mouse typing goes on there; the focus of a keyboard stays in the tree, and a phone shows no keyboard.
    if (e.detail && matchMedia('(pointer:fine)').matches) to.focus({ preventScroll: true })
    to.setSelectionRange(end, end)
  }
  say(leaf.title || leaf.value)
  soon()
})
})()
