// Care for a secret on the screen: the test message, what to do before one leaves it, and the wait for its first use.
(() => {
'use strict'
const { one, get } = window.notifer
const reveal = one('[data-reveal]')

// The test message goes the way a script's would: through the public address, with the header.
async function test(box) {
  const result = one('[role=status]', box), begin = performance.now(), words = box.dataset
  result.textContent = '…'
  result.className = 'small'
  try {
    const reply = await fetch(words.test, { method: words.text ? 'POST' : 'GET', body: words.text, credentials: 'omit', headers: { [words.header ?? 'X-Topic-Token']: one('#secret').value } })
    const body = await reply.json().catch(() => null), ok = reply.ok && (body?.id || !words.text)
    result.textContent = ok ? words.ok.replace('%d', Math.round(performance.now() - begin))
      : body?.detail ? `${reply.status}: ${body.hint || body.detail}` : words.odd.replace('%s', reply.status)
    result.className = ok ? 'small good' : 'small bad-text'
  } catch {
    result.textContent = words.none
    result.className = 'small bad-text'
  }
}

// A secret on the screen: leaving without it asks once, and a page left alone forgets it.
function guard() {
  let kept = false, timer
  const keep = () => { kept = true }
  addEventListener('beforeunload', e => { if (!kept) e.preventDefault() })
  addEventListener('copy', keep)
  addEventListener('click', e => { if (e.target.closest('[data-copy],[data-test]')) keep() })
  document.addEventListener('selectionchange', () => { if (reveal.contains(getSelection().anchorNode) && String(getSelection())) keep() })
  one('#secret').addEventListener('select', keep)
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(() => { keep(); reveal.remove() }, 120000)
  })
}
if (reveal) guard()
addEventListener('click', e => { if (e.target.closest('[data-test] button')) test(e.target.closest('[data-test]')) })

// The page of keys has no stream of its own: it is asked until the new key has been used.
const asked = one('[data-poll]')
if (asked) {
  const timer = setInterval(async () => {
    const page = !document.hidden && await get(location.pathname).catch(() => null)
    if (!page || !page.querySelector(`[data-key="${asked.dataset.poll}"] [data-used]`)) return
    clearInterval(timer)
    asked.textContent = asked.dataset.works
    asked.closest('.wait').classList.add('good')
    one('.dot', asked.closest('.wait')).setAttribute('class', 'dot good')
  }, 2000)
}
})()
