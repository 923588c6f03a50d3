// The feed of an open page: messages as they come, in their places, none left out without a sign.
(() => {
'use strict'
const { one, all, aside, get, enhance, listen, many, badge, group, answered, count, addSeam, setSeam, since, notifications, notice, beside } = window.notifer
const follow = 4   // pieces that are followed before a gap is left
const kept = 500   // messages on the page while the reader is at its top

// A stream only says that there is something new. What the feed holds comes from history, in pieces that join: seen is
// the place up to which nothing is missing but what a seam stands for.
function live(feed) {
  const pill = one('[data-pill]'), topic = feed.dataset.stream
  const several = topic.includes('?topics=') // a stream of many topics leaves out those that are new, and those beyond its limit
  let seen = feed.dataset.cursor, cursor = seen, wanted, now, busy, due, opened

  const away = () => feed.getBoundingClientRect().top < 0
  const notifying = () => localStorage.getItem('notify ' + topic) === '1' && window.Notification?.permission === 'granted'

  const stream = listen(() => topic + (notifying() && cursor ? '?since=' + cursor : ''), {
    message(e) {
      cursor = e.lastEventId
      if (document.hidden && notifying()) notice(JSON.parse(e.data))
      due ??= setTimeout(sync, 150)
      beside()
    }
  }, () => {
    const again = opened
    opened = true
    if (again) beside()
    sync().then(() => again && tidy()).catch(() => {})
  })

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
    busy ??= catchUp().catch(e => {
      if (e instanceof Error) reportError(e) // the network rejects with an event or a status
      due ??= setTimeout(sync, 3000)
    }).then(() => { busy = null })
    return busy
  }
  async function catchUp() {
    while (wanted) {
      wanted = false
      if (document.hidden || !now && away()) {
        await tell()
        wanted ||= !document.hidden && !away() // back at the top meanwhile, where no scrolling will ask again
      } else await join()
    }
  }
  // tell counts what is new while the reader is somewhere below.
  async function tell() {
    const { dataset } = await piece({ part: 'count', after: seen }), n = Number(dataset.left)
    pill.textContent = count(dataset, pill.dataset)
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
      const { dataset } = await piece({ part: 'count', after: seen, before: low })
      if (dataset.left !== '0') addSeam(feed, seen, low, dataset)
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
      hits(articles.length)
    }
    answered(feed)
    group(feed)
  }
  const listOf = section => one('[data-list]', section) ?? section
  const tail = () => one('[data-older]', feed)?.closest('nav') ?? null

  // tidy drops what was deleted elsewhere: a stream sends new messages only. Its heartbeats, of which one follows each deletion,
  // have the newest messages looked at, and a new connection all of them.
  async function tidy(most) {
    const there = all('article', feed).slice(0, most), last = there.at(-1)
    if (!last) return
    const { ids, cursor } = (await piece({ part: 'ids', after: before(last.dataset.id) })).dataset, kept = new Set(ids.split(' '))
    const gone = there.filter(a => a.dataset.id <= cursor && !kept.has(a.dataset.id))
    if (!gone.length) return
    const had = gone.some(a => a.contains(document.activeElement))
    for (const a of gone) a.remove()
    if (had) feed.focus({ preventScroll: true })
    all('[data-day]', feed).forEach(s => { if (!one('article', s)) s.remove() })
    group(feed)
  }

  // fill puts the next messages into a gap, from its upper end.
  async function fill(seam) {
    for (let i = 0; i < follow && seam.isConnected; i++) {
      const part = await piece({ part: 'feed', after: seam.dataset.after, before: seam.dataset.before })
      add(part)
      if (part.dataset.next) setSeam(feed, seam, part.dataset.next, part.dataset)
      else { seam.remove(); group(feed) }
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
    group(feed)
  }

  feed.addEventListener('click', e => {
    const seam = e.target.closest('.seam')
    if (!e.target.closest('a') || !seam || aside(e)) return
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
  // A hidden page lets go of its connection where there are few, and asks each minute.
  let left
  document.addEventListener('visibilitychange', async () => {
    if (document.hidden) left = seen
    if (document.hidden && !notifying() && !many) stream.close()
    else if (!document.hidden && !stream.on) stream.connect()
    if (document.hidden) return
    window.notifer.push?.seen(topic.split('/').at(-2))
    beside()
    const place = left
    await sync()
    if (seen !== place) since(feed, place)
    tidy().catch(() => {})
  })
  document.addEventListener('alive', () => {
    beside()
    if (document.hidden) return
    if (several) sync()
    tidy(50).catch(() => {})
  })
  setInterval(() => { if (document.hidden && !stream.on) sync() }, 60000)
  since(feed, feed.dataset.visited)
  notifications(topic)
  // A notification leads to a message. One that this page has not fetched yet comes now; one that is too old for it is on a page of the past.
  const arrive = async () => {
    const id = /^#m-([0-9a-z]{12})$/.exec(location.hash)?.[1], found = () => id && document.getElementById('m-' + id)
    if (!id || found()) return
    await sync(true)
    const oldest = all('article[data-id]', feed).at(-1)?.dataset.id
    if (found()) found().scrollIntoView()
    else if (oldest && id < oldest && !new URLSearchParams(location.search).has('after')) { // there already, it is not to be had without a network
      await piece({ part: 'count', after: before(id) }).then(() => location.replace(`${location.pathname}?after=${before(id)}#m-${id}`), () => {})
    }
  }
  addEventListener('hashchange', arrive)
  arrive()
}

// before is the id before another: 12 digits of Crockford's base32.
const digits = '0123456789abcdefghjkmnpqrstvwxyz'
function before(id) {
  const at = id.search(/[^0]0*$/)
  return at < 0 ? id : id.slice(0, at) + digits[digits.indexOf(id[at]) - 1] + 'z'.repeat(id.length - at - 1)
}

// hits goes on counting what a search has found, while messages come.
function hits(n) {
  const said = one('[data-hits]'), now = /^[\d,]+(?= )/.exec(said?.textContent)
  if (!now) return
  const sum = Number(now[0].replaceAll(',', '')) + n
  said.textContent = said.textContent.replace(/^[\d,]+ (\w+?)s?$/, (_, word) => `${sum.toLocaleString('en')} ${word}${sum === 1 ? '' : 's'}`)
}

window.notifer.live = live
})()
