// Dialogs: the page that a link leads to holds the sheet to show.
(() => {
'use strict'
const { one, all, aside, get, enhance, onArrival } = window.notifer

onArrival(part => all('a[data-dialog]', part).forEach(a => { a.role = 'button'; a.ariaHasPopup = 'dialog' }))

async function show(link) {
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
addEventListener('click', e => {
  const link = e.target.closest('a[data-dialog]')
  if (!link || aside(e)) return
  e.preventDefault()
  show(link)
})
addEventListener('keydown', e => {
  if (e.key === ' ' && e.target.matches('a[data-dialog]')) { e.preventDefault(); e.target.click() }
})

// A form of a dialog that was refused stays in the dialog. The request says that it is made in advance, so that a page with a
// secret or a flash, where the answer leads, keeps it for the browser's own look.
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

// A form is sent once, however often its button is pressed.
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
})()
