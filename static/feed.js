// The feed of a topic's page: messages as they come, what is left out, and notifications. Loaded after live.js.
(() => {
'use strict'
const { one, all, get, enhance, listen, say, badge } = window.notifer
const count = (n, words) => n === 1 ? words.one : words.many.replace('%d', n.toLocaleString('en') + (n < most ? '' : '+'))
const most = 10000 // where the server ends counting
const follow = 4   // pieces that are followed before a gap is left
const kept = 500   // messages on the page while the reader is at its top

// A stream only says that there is something new. What the feed holds comes from history, in pieces that join: seen is
// the place up to which nothing is missing but what a seam stands for.
function live(feed) {
  const pill = one('[data-pill]'), topic = feed.dataset.stream
  let seen = feed.dataset.cursor, cursor = seen, wanted, now, busy, due

  const away = () => feed.getBoundingClientRect().top < 0
  const notifying = () => localStorage.getItem('notify ' + topic) === '1' && window.Notification?.permission === 'granted'

  const stream = listen(() => topic + (notifying() && cursor ? '?since=' + cursor : ''), {
    message(e) {
      cursor = e.lastEventId
      if (document.hidden && notifying()) notice(JSON.parse(e.data))
      due ??= setTimeout(sync, 150)
    }
  }, () => sync())

  async function piece(query, url = feed.dataset.feed) {
    const u = new URL(url, location)
    for (const [name, value] of Object.entries(query)) if (value) u.searchParams.set(name, value)
    const part = one('#feed', await get(u))
    if (!part) throw new Error('no feed')
    return part
  }

  // sync brings the feed up to date; calls while it does make it look once more.
  function sync(release) {
    clearTimeout(due)
    due = null
    wanted = true
    now ||= release === true
    busy ??= catchUp().catch(() => { due ??= setTimeout(sync, 3000) }).then(() => { busy = null })
    return busy
  }
  async function catchUp() {
    while (wanted) {
      wanted = false
      if (document.hidden || !now && away()) await tell()
      else await join()
    }
  }
  // tell counts what is new while the reader is somewhere below.
  async function tell() {
    const n = Number((await piece({ part: 'count', after: seen })).dataset.left)
    pill.textContent = count(n, pill.dataset)
    pill.hidden = !n
    badge(n)
  }
  async function join() {
    for (let i = 0; ; i++) {
      const part = await piece({ part: 'feed', after: seen })
      if (!seen || Number(part.dataset.left) > 50 * follow || i === follow) { await leap(); break }
      add(part)
      seen = part.dataset.cursor
      if (!part.dataset.next) break
    }
    now = false
    pill.hidden = true
    badge(0)
    trim()
  }
  // leap goes to the newest messages when too many came to show them all, and leaves a seam.
  async function leap() {
    const top = await piece({ part: 'feed' }), low = all('article', top).at(-1)?.dataset.id
    if (seen && low > seen) {
      const n = Number((await piece({ part: 'count', after: seen, before: low })).dataset.left)
      if (n) addSeam(seen, low, n)
    }
    if (!seen && low) tail().replaceWith(one('[data-older]', top).closest('nav'))
    add(top)
    seen = top.dataset.cursor
  }

  // add puts each message where its id belongs, whatever came before it; one that is there already is left alone.
  function add(part) {
    for (const section of all('section', part)) {
      const articles = all('article', section).filter(a => !document.getElementById(a.id))
      if (!articles.length) continue
      one('.empty', feed)?.remove()
      let own = one(`[data-day="${section.dataset.day}"]`, feed)
      if (!own) {
        all('article', section).forEach(a => a.remove())
        own = document.adoptNode(section)
        const below = all('[data-day]', feed).find(s => s.dataset.day < own.dataset.day) ?? tail()
        feed.insertBefore(own, below)
      }
      const there = all('article,[data-after]', own)
      let i = 0
      for (const a of articles) {
        while (there[i] && (there[i].dataset.id ?? there[i].dataset.after) >= a.dataset.id) i++
        if (there[i]) there[i].before(a)
        else listOf(own).append(a)
        a.classList.add('fresh')
        enhance(a)
      }
    }
  }
  const listOf = section => one('[data-list]', section) ?? section
  const tail = () => one('[data-older]', feed)?.closest('nav') ?? null

  // A seam stands right above the message it begins after, and shrinks from its upper end.
  function addSeam(after, before, n) {
    const seam = document.importNode(one('template[data-seam]').content, true).firstElementChild
    seam.dataset.after = after
    const below = document.getElementById('m-' + after) ?? all('article', feed).find(a => a.dataset.id <= after)
    if (below) below.before(seam)
    else return
    setSeam(seam, before, n)
  }
  function setSeam(seam, before, n) {
    const a = one('a', seam), u = new URL(feed.dataset.feed, location)
    u.searchParams.set('before', before)
    a.href = u
    a.textContent = count(n, a.dataset)
    seam.dataset.before = before
  }
  // since draws a line under what is newer than a place the reader had seen.
  function since(place) {
    all('[data-since]', feed).forEach(x => x.remove())
    const below = all('article', feed).find(a => a.dataset.id <= place)
    if (!place || !below || below === one('article', feed)) return
    const line = document.importNode(one('template[data-line]').content, true).firstElementChild
    line.dataset.after = place
    below.before(line)
  }
  async function fill(seam) {
    for (let i = 0; i < follow && seam.isConnected; i++) {
      const part = await piece({ part: 'feed', after: seam.dataset.after, before: seam.dataset.before })
      add(part)
      if (part.dataset.next) setSeam(seam, part.dataset.next, Number(part.dataset.left))
      else seam.remove()
    }
  }

  // trim keeps the page small; what is cut off is what "Load older" loads.
  function trim() {
    const extra = all('article', feed).slice(kept), older = one('[data-older]', feed)
    if (!extra.length) return
    const u = new URL(older.href), end = extra[0]
    u.searchParams.set('before', all('article', feed)[kept - 1].dataset.id)
    older.href = u
    older.closest('nav').hidden = false
    all('[data-after]', feed).forEach(s => { if (end.compareDocumentPosition(s) & Node.DOCUMENT_POSITION_FOLLOWING || s.nextElementSibling === end) s.remove() })
    extra.forEach(a => a.remove())
    all('[data-day]', feed).forEach(s => { if (!one('article', s)) s.remove() })
  }

  function notice(m) {
    if (m.priority < 3) return
    try { new Notification(m.title || m.topic, { body: m.message.slice(0, 300), tag: m.id, silent: true }) } catch { /* phones want a worker */ }
  }
  feed.addEventListener('click', e => {
    const seam = e.target.closest('.seam')
    if (!e.target.closest('a') || !seam || e.ctrlKey || e.metaKey || e.shiftKey) return
    e.preventDefault()
    if (seam.ariaBusy) return
    seam.ariaBusy = true
    fill(seam).catch(() => { location = one('a', seam).href }).then(() => { seam.ariaBusy = null })
  })
  pill.onclick = async () => {
    await sync(true)
    scrollTo({ top: 0 })
    feed.focus({ preventScroll: true })
  }
  addEventListener('scroll', () => { if (!pill.hidden && !away()) sync() }, { passive: true })
  // A hidden page lets go of its connection, of which a browser has six for a server over HTTP/1.1, and asks each minute.
  const many = /^h[23]/.test(performance.getEntriesByType('navigation')[0]?.nextHopProtocol)
  let left
  document.addEventListener('visibilitychange', async () => {
    if (document.hidden) left = seen
    if (document.hidden && !notifying() && !many) stream.close()
    else if (!document.hidden && !stream.on) stream.connect()
    if (document.hidden) return
    window.notifer.push?.seen(topic.split('/').at(-2))
    const place = left
    await sync()
    if (seen !== place) since(place)
  })
  setInterval(() => { if (document.hidden && !stream.on) sync() }, 60000)
  since(feed.dataset.visited)
  notifications(topic)
}

// Older messages come in place, up to a length that a page can bear; what asked for them is a link without script.
async function older(feed, link) {
  const u = new URL(link.href)
  u.searchParams.set('part', 'feed')
  const part = one('#feed', await get(u))
  const days = all('section', part)
  for (const section of days) {
    const own = one(`[data-day="${section.dataset.day}"]`, feed), articles = all('article', section)
    articles.forEach(enhance)
    if (own) (one('[data-list]', own) ?? own).append(...articles)
    else link.closest('nav').before(document.adoptNode(section))
  }
  link.closest('nav').replaceWith(one('[data-older]', part).closest('nav'))
}
function olderOf(feed) {
  feed.addEventListener('click', e => {
    const link = e.target.closest('[data-older]')
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey || all('article', feed).length > 2000) return
    e.preventDefault()
    if (link.ariaBusy) return
    link.ariaBusy = true
    const last = all('article', feed).at(-1)
    older(feed, link).then(() => {
      const next = all('article', feed)[all('article', feed).indexOf(last) + 1]
      if (!next) return
      next.tabIndex = -1
      next.focus({ preventScroll: true })
    }, () => { location = link.href })
  })
}

// Deleting needs no question where it can be undone: the message is hidden, and deleted when the time for that is over or
// the page is left.
function deletes(feed) {
  let due
  const finish = keepalive => {
    if (!due) return
    const { url, article, timer } = due
    due = null
    clearTimeout(timer)
    fetch(url, { method: 'POST', keepalive, redirect: 'manual', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })
      .then(r => r.ok || r.type === 'opaqueredirect' ? article.remove() : Promise.reject(), () => {}).catch(() => {
        article.hidden = false
        say('The message could not be deleted.')
      })
  }
  feed.addEventListener('click', e => {
    const link = e.target.closest('article a[href$="/delete"]')
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return
    e.preventDefault()
    e.stopPropagation()
    finish()
    const article = link.closest('article')
    article.hidden = true
    due = { url: link.href, article, timer: setTimeout(finish, 8000) }
    say('Message deleted.', 'Undo', () => {
      clearTimeout(due?.timer)
      due = null
      article.hidden = false
      article.tabIndex = -1
      article.focus({ preventScroll: true })
    })
  })
  addEventListener('pagehide', () => finish(true))
}

function notifications(topic) {
  const button = one('[data-notify]'), why = one('[data-notify-why]'), key = 'notify ' + topic, push = window.notifer.push
  if (!button) return
  const name = topic.split('/').at(-2)
  const show = () => { one('span', button).textContent = localStorage.getItem(key) ? why.dataset.off : why.dataset.on }
  const explain = text => { why.textContent = text; why.hidden = !text }
  button.onclick = async () => {
    if (localStorage.getItem(key)) {
      if (localStorage.getItem(key) === 'push') await push?.unsubscribe(name)
      localStorage.removeItem(key)
      explain('')
    } else if (!isSecureContext || !window.Notification) return explain(why.dataset.insecure)
    else if (push?.able) {
      try {
        explain(await push.subscribe(name, explain))
        localStorage.setItem(key, 'push')
      } catch (e) {
        if (e.name !== 'AbortError') return explain(e.message)
        if (!shows()) return explain(why.dataset.throws)
        localStorage.setItem(key, 1)
        explain(push.words.alone)
      }
    } else if (await Notification.requestPermission() !== 'granted') return explain(why.dataset.denied)
    else if (!shows()) return explain(why.dataset.throws)
    else { localStorage.setItem(key, 1); explain('') }
    show()
  }
  show()
  push?.seen(name)
}

// A phone's browser has the constructor and throws when it is called.
function shows() {
  try {
    new Notification(document.title, { silent: true }).close()
    return true
  } catch {
    return false
  }
}

all('#feed').forEach(feed => {
  olderOf(feed)
  deletes(feed)
})
all('[data-stream]').forEach(live)
})()
