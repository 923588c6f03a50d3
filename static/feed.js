// The feed of a topic's page: messages as they come, what is left out, and notifications. Loaded after live.js.
(() => {
'use strict'
const { one, all, get, enhance, listen, say, badge } = window.notifer
const count = ({ left: n, more }, words) => n === '1' && more === undefined ? words.one : words.many.replace('%d', Number(n).toLocaleString('en') + (more === undefined ? '' : '+'))
const follow = 4   // pieces that are followed before a gap is left
const kept = 500   // messages on the page while the reader is at its top

// A stream only says that there is something new. What the feed holds comes from history, in pieces that join: seen is
// the place up to which nothing is missing but what a seam stands for.
function live(feed) {
  const pill = one('[data-pill]'), topic = feed.dataset.stream
  let seen = feed.dataset.cursor, cursor = seen, wanted, now, busy, due, opened

  const away = () => feed.getBoundingClientRect().top < 0
  const notifying = () => localStorage.getItem('notify ' + topic) === '1' && window.Notification?.permission === 'granted'

  const stream = listen(() => topic + (notifying() && cursor ? '?since=' + cursor : ''), {
    message(e) {
      cursor = e.lastEventId
      if (document.hidden && notifying()) notice(JSON.parse(e.data))
      due ??= setTimeout(sync, 150)
    }
  }, () => {
    const again = opened
    opened = true
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
      if (dataset.left !== '0') addSeam(seen, low, dataset)
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
    if (place && below && below !== one('article', feed)) {
      const line = document.importNode(one('template[data-line]').content, true).firstElementChild
      line.dataset.after = place
      below.before(line)
    }
    group(feed) // also what only the former line kept apart
  }
  async function fill(seam) {
    for (let i = 0; i < follow && seam.isConnected; i++) {
      const part = await piece({ part: 'feed', after: seam.dataset.after, before: seam.dataset.before })
      add(part)
      if (part.dataset.next) setSeam(seam, part.dataset.next, part.dataset)
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
    tidy().catch(() => {})
  })
  document.addEventListener('alive', () => { if (!document.hidden) tidy(50).catch(() => {}) })
  setInterval(() => { if (document.hidden && !stream.on) sync() }, 60000)
  since(feed.dataset.visited)
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

// Of the messages about one thing the newest counts, the others say what became of it.
function answered(feed) {
  const last = new Map()
  for (const a of all('article[data-key]', feed)) {
    const by = last.get(a.dataset.key), badge = one('[data-alert]', a)
    if (!by) { last.set(a.dataset.key, a); continue }
    if (a.classList.contains('past') && !('resolved' in by.dataset)) continue
    a.classList.add('past')
    badge.className = 'badge'
    badge.textContent = 'resolved' in by.dataset ? 'Resolved later' : 'Updated later'
  }
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
  group(feed)
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
      const seen = all('article', feed).filter(a => a === last || a.checkVisibility?.() !== false), next = seen[seen.indexOf(last) + 1]
      if (!next) return
      next.tabIndex = -1
      next.focus({ preventScroll: true })
    }, () => { location = link.href })
  })
}

// Newer messages come in place as well, above those that the reader looks at, until there are none: then the way on is the
// live page.
function newerOf(feed) {
  const link = one('[data-newer]')
  link?.addEventListener('click', e => {
    if (!('newer' in link.dataset) || e.ctrlKey || e.metaKey || e.shiftKey) return
    e.preventDefault()
    if (link.ariaBusy) return
    link.ariaBusy = true
    newer(feed, link).catch(() => { location = link.href }).then(() => { link.ariaBusy = null })
  })
}
async function newer(feed, link) {
  const first = one('article', feed), u = new URL(link.href)
  u.searchParams.set('part', 'feed')
  const part = one('#feed', await get(u)), top = first?.getBoundingClientRect().top
  for (const section of all('section', part).reverse()) {
    const own = one(`[data-day="${section.dataset.day}"]`, feed), articles = all('article', section)
    articles.forEach(enhance)
    if (own) (one('[data-list]', own) ?? own).prepend(...articles)
    else feed.prepend(document.adoptNode(section))
  }
  one('.empty', feed)?.remove()
  group(feed)
  if (first) scrollBy(0, first.getBoundingClientRect().top - top)
  u.searchParams.delete('part')
  if (part.dataset.next) u.searchParams.set('after', part.dataset.next)
  else {
    u.searchParams.delete('after')
    delete link.dataset.newer
    link.textContent = link.dataset.live
  }
  link.href = u
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
      .then(r => r.ok || r.type === 'opaqueredirect' ? article.remove() : Promise.reject()).catch(() => {
        article.hidden = false
        group(feed)
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
    group(feed)
    due = { url: link.href, article, timer: setTimeout(finish, 8000) }
    say('Message deleted.', 'Undo', () => {
      clearTimeout(due?.timer)
      due = null
      article.hidden = false
      group(feed)
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
  const show = () => {
    const on = localStorage.getItem(key)
    button.toggleAttribute('data-on', !!on)
    button.title = one('span', button).textContent = on ? why.dataset.off : why.dataset.on
  }
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
    } else if (await Notification.requestPermission() !== 'granted') return explain(Notification.permission === 'denied' ? why.dataset.denied : why.dataset.dismissed)
    else if (!shows()) return explain(why.dataset.throws)
    else { localStorage.setItem(key, 1); explain('') }
    show()
  }
  show()
  push?.checked.then(show)
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

// Messages that follow each other and say the same are folded into the newest of them. The server does so for what it sends;
// where pieces join, they are counted anew. A run that was unfolded stays so when it grows.
function group(feed) {
  for (const list of all('[data-list]', feed)) {
    let run = []
    for (const x of list.children) {
      if (x.hidden) continue
      if (x.localName !== 'article') { fold(run); run = [] } else {
        if (run.length && x.dataset.same !== run[0].dataset.same) { fold(run); run = [] }
        run.push(x)
      }
    }
    fold(run)
  }
}
function fold([lead, ...rest]) {
  if (!lead) return
  const open = [lead, ...rest].some(a => 'unfolded' in a.dataset)
  for (const a of rest) {
    a.classList.toggle('rep', !open)
    one('[data-repeats]', a)?.remove()
    if (open) a.dataset.unfolded = ''
  }
  lead.classList.remove('rep')
  let button = one('[data-repeats]', lead)
  if (!rest.length) return button?.remove()
  if (!button) {
    button = document.importNode(one('template[data-times]').content, true).firstElementChild
    one('.foot', lead).before(button)
  }
  const from = rest.at(-1).dataset.clock, to = lead.dataset.clock, older = one('[data-older]', feedOf(lead))?.closest('nav')
  const cut = older && !older.hidden && rest.at(-1) === all('article', feedOf(lead)).at(-1)
  const words = [`× ${rest.length + 1}${cut ? '+' : ''}`, from === to ? 'At ' + to : `Between ${from} and ${to}`]
  all('span', button).forEach((s, i) => { if (s.textContent !== words[i]) s.textContent = words[i] })
  button.ariaExpanded = open
}
const feedOf = x => x.closest('#feed')
function folds(feed) {
  feed.addEventListener('click', e => {
    const button = e.target.closest('[data-repeats]')
    if (!button) return
    const lead = button.closest('article'), open = button.ariaExpanded === 'true'
    for (let a = lead; a && a.dataset.same === lead.dataset.same; a = a.nextElementSibling) {
      if (open) delete a.dataset.unfolded
      else a.dataset.unfolded = ''
    }
    group(feed)
    one('[data-repeats]', lead)?.focus()
  })
}

// hits goes on counting what a search has found, while messages come.
function hits(n) {
  const said = one('[data-hits]'), now = /^[\d,]+(?= )/.exec(said?.textContent)
  if (!now) return
  const sum = Number(now[0].replaceAll(',', '')) + n
  said.textContent = said.textContent.replace(/^[\d,]+ (\w+?)s?$/, (_, word) => `${sum.toLocaleString('en')} ${word}${sum === 1 ? '' : 's'}`)
}

// The way back to the newest messages is in sight once the reader is far below them.
function toNewest(feed) {
  const link = one('[data-newest]')
  if (!link || !link.hidden) return
  addEventListener('scroll', () => { link.hidden = scrollY < 2 * innerHeight }, { passive: true })
  link.addEventListener('click', e => {
    if (e.ctrlKey || e.metaKey || e.shiftKey) return
    e.preventDefault()
    const pill = one('[data-pill]')
    if (pill && !pill.hidden) return pill.click()
    scrollTo({ top: 0 })
    feed.focus({ preventScroll: true })
  })
}

// The topic that is open stays in sight in a long list of them.
function here(place) {
  const list = place.closest('aside')
  if (place.offsetTop + place.offsetHeight > list.clientHeight) list.scrollTop = place.offsetTop - list.clientHeight / 2
}

all('#topics [aria-current]').forEach(here)
all('#feed').forEach(feed => {
  olderOf(feed)
  newerOf(feed)
  deletes(feed)
  folds(feed)
  toNewest(feed)
  group(feed)
})
all('[data-stream]').forEach(live)
})()
