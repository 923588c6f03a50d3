// Copying. The clipboard does not exist on plain HTTP, so selecting is the second way and the hint the third.
(() => {
'use strict'
const { one, all, say } = window.notifer

function copy(button) {
  const from = one('#' + button.dataset.copy)
  copyText(from.value ?? from.textContent, button, from)
}
function copyText(text, button, from) {
  const words = one('#said').dataset
  const done = () => { say(words.copied); ticked(button) }
  const byHand = () => {
    const box = from ?? document.body.appendChild(Object.assign(document.createElement('textarea'), { value: text }))
    if (box.select) box.select()
    else getSelection().selectAllChildren(box)
    if (document.execCommand('copy')) done()
    else say(words.blocked)
    if (!from) box.remove()
  }
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand)
  else byHand()
}
// ticked shows for a while that a button has done its work.
function ticked(button) {
  const icon = one('.i', button)
  if (!icon || button.classList.contains('done')) return
  const sign = document.importNode(one('#tick').content, true).firstElementChild
  icon.replaceWith(sign)
  button.classList.add('done')
  setTimeout(() => { sign.replaceWith(icon); button.classList.remove('done') }, 2000)
}

// A message is copied as it reads, as the URL where it stands, or as the curl line that publishes it once more.
const titleOf = m => {
  const h = one('h3', m)?.cloneNode(true)
  all('span', h ?? m).forEach(x => h && x.remove())
  return h?.textContent.trim() ?? ''
}
const wordsOf = m => all('.text,.md', m).map(x => (x.innerText || x.textContent).trim()).filter(Boolean).join('\n')
const textOf = m => [titleOf(m), wordsOf(m)].filter(Boolean).join('\n')
const placeOf = m => one('a[href*="#m-"]', m)?.href ?? location.origin + location.pathname + '#' + m.id
const quote = s => "'" + s.replaceAll("'", "'\\''") + "'"
function curlOf(m) {
  const text = wordsOf(m), title = titleOf(m), parts = ['curl -fsS', text[0] === '@' ? '--data-raw' : '-d', quote(text)]
  if (title) parts.push('-H', quote('X-Title: ' + title))
  if (m.dataset.priority !== '3') parts.push(`-H "X-Priority: ${m.dataset.priority}"`)
  return [...parts, '-H "X-Topic-Token: $NOTIFER_TOPIC_TOKEN"', placeOf(m).replace(/[#?].*/, '').replace('/topic/', '/')].join(' ')
}
addEventListener('click', e => {
  const on = what => e.target.closest(what), m = on('article[data-id]')
  if (on('[data-copy]')) copy(on('[data-copy]'))
  if (m && on('[data-copy-text]')) copyText(textOf(m), on('[data-copy-text]'))
  if (m && on('[data-copy-link]')) copyText(placeOf(m), on('[data-copy-link]'))
  if (m && on('[data-copy-curl]')) copyText(curlOf(m), on('[data-copy-curl]'))
})

// The publish box shows the curl line that does the same.
function lineOf(form) {
  const line = one('code', form), { auth, url } = form.dataset, start = line.textContent
  form.oninput = () => {
    const v = name => form.elements[name].value.trim()
    if (!v('message')) { line.textContent = start; return }
    const parts = ['curl -fsS', v('message')[0] === '@' ? '--data-raw' : '-d', quote(v('message'))]
    if (/[*_`#>|[]|^- |^\d+\. /m.test(v('message'))) parts.push('-H "X-Markdown: true"')
    if (v('title')) parts.push('-H', quote('X-Title: ' + v('title')))
    if (v('priority') !== '3') parts.push(`-H "X-Priority: ${v('priority')}"`)
    if (v('tags')) parts.push('-H', quote('X-Tags: ' + v('tags')))
    if (auth) parts.push(auth)
    line.textContent = [...parts, url].join(' ')
  }
}
all('form[data-publish]').forEach(lineOf)
})()
