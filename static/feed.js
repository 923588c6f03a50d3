// The feed of a topic's page: messages as they come, and notifications of them. Loaded after app.js.
(() => {
'use strict'
const { one, all, get, enhance } = window.notifer
const fill = (text, n) => text.replace('%d', n)

// The feed: a stream tells that there is something new, the page itself says how it looks.
function live(feed) {
  const banner = one('[data-dropped]'), text = one('[data-dropped-text]'), pill = one('[data-pill]'), lamp = one('[data-live]')
  const topic = feed.dataset.stream
  let cursor = feed.dataset.cursor, newest = cursor, stream, wait, retry = 1, due, held = []

  const away = () => feed.getBoundingClientRect().top < 0
  const notifying = () => localStorage.getItem('notify ' + topic) && window.Notification?.permission === 'granted'

  function connect() {
    clearInterval(wait)
    stream = new EventSource(topic + '?since=' + (cursor || 'all'))
    stream.onopen = () => { retry = 1; banner.hidden = true; lamp.hidden = false }
    stream.onmessage = e => {
      cursor = e.lastEventId
      due ??= setTimeout(pull, 150)
      if (document.hidden && notifying()) notice(JSON.parse(e.data))
    }
    stream.addEventListener('revoked', () => { close(); banner.hidden = false; text.textContent = text.dataset.ended })
    stream.onerror = dropped
  }
  function close() {
    clearInterval(wait)
    stream?.close()
    stream = null
    lamp.hidden = true
  }
  function dropped() {
    close()
    let left = retry = Math.min(retry * 2, 60)
    const show = () => { text.textContent = fill(text.dataset.text, left) }
    show()
    banner.hidden = false
    wait = setInterval(() => { if (--left > 0) show(); else connect() }, 1000)
  }
  async function pull() {
    const url = new URL(feed.dataset.feed, location), asked = cursor
    if (newest) url.searchParams.set('after', newest)
    const page = await get(url).catch(() => null)
    due = cursor === asked ? null : setTimeout(pull, 150) // what came while the page was on its way may not be on it
    if (!page) return
    const fresh = all('#feed section', page)
    const first = one('article', fresh[0] ?? page)
    if (!first) return
    newest = first.dataset.id
    held.unshift(...fresh)
    if (away()) showPill()
    else release()
  }
  function showPill() {
    const n = held.reduce((sum, s) => sum + all('article', s).length, 0)
    pill.textContent = n === 1 ? pill.dataset.one : fill(pill.dataset.many, n)
    pill.hidden = false
  }
  function release() {
    one('.empty', feed)?.remove()
    for (const section of held.reverse()) {
      const own = one(`[data-day="${section.dataset.day}"]`, feed)
      const articles = all('article', section).filter(a => !document.getElementById(a.id))
      articles.forEach(a => a.classList.add('fresh'))
      if (own) one('h2', own).after(...articles)
      else if (articles.length) feed.prepend(document.adoptNode(section))
      articles.forEach(enhance)
    }
    held = []
    pill.hidden = true
    trim()
  }
  function trim() {
    const older = one('[data-older]', feed), extra = all('article', feed).slice(500)
    if (!older || !extra.length) return
    extra.forEach(a => a.remove())
    const url = new URL(older.href)
    url.searchParams.set('before', all('article', feed).at(-1).dataset.id)
    older.href = url
  }
  function notice(m) {
    if (m.priority < 3) return
    try { new Notification(m.title || m.topic, { body: m.message.slice(0, 300), tag: m.id, silent: true }) } catch { /* phones want a worker */ }
  }
  pill.onclick = () => { release(); scrollTo({ top: 0 }); feed.focus({ preventScroll: true }) }
  one('[data-retry]').onclick = () => { retry = 1; close(); connect() }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && !notifying()) close()
    else if (!document.hidden && !stream) connect()
  })
  addEventListener('pagehide', close)
  addEventListener('pageshow', e => { if (e.persisted && !stream) connect() })
  notifications(topic)
  connect()
}

function notifications(topic) {
  const button = one('[data-notify]'), why = one('[data-notify-why]'), key = 'notify ' + topic
  const show = () => { one('span', button).textContent = localStorage.getItem(key) ? why.dataset.off : why.dataset.on }
  const explain = text => { why.textContent = text; why.hidden = false }
  button.onclick = async () => {
    if (localStorage.getItem(key)) localStorage.removeItem(key)
    else if (!isSecureContext || !window.Notification) return explain(why.dataset.insecure)
    else if (await Notification.requestPermission() !== 'granted') return explain(why.dataset.denied)
    else localStorage.setItem(key, 1)
    show()
  }
  show()
}

all('[data-stream]').forEach(live)
})()
