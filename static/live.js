// Streams that know when they are deaf. Loaded after app.js and before the page's own script.
(() => {
'use strict'
const { one, base, tell: tellWorker } = window.notifer
const waiting = 60 // seconds between two attempts at most

// listen keeps a stream open and shows how it is. url makes its address anew for each attempt, as the place to go on from
// moves. opened is called on each connection: what came in between has to be asked for there. A server sends a sign of life
// in each heartbeat; without any for two and a half, the flow is dead whatever the browser says.
function listen(url, events, opened = () => {}) {
  const bar = one('[data-lost]'), words = bar.dataset, text = one('[data-lost-text]', bar), rest = one('[data-lost-rest]', bar), retry = one('[data-retry]', bar)
  const lamp = one('[data-live]'), beat = Number(words.beat)
  let source, watch, count, heard, pause = 1, over = false, asked = 0

  function connect() {
    if (over) return
    stop()
    alive()
    source = new EventSource(withBeat(url()))
    source.onopen = () => { alive(); pause = 1; show(true); opened() }
    source.onerror = lost
    source.addEventListener('alive', () => { alive(); document.dispatchEvent(new Event('alive')) })
    source.addEventListener('revoked', lost)
    for (const [name, then] of Object.entries(events)) source.addEventListener(name, e => { alive(); then(e) })
    watch = setInterval(look, Math.min(beat / 2, 1000))
  }
  // The one clock stands still while a machine sleeps, the other one may be set back.
  const clocks = () => [Date.now(), performance.now()]
  const alive = () => { heard = clocks() }
  const look = () => { if (source && clocks().some((now, i) => now - heard[i] > beat * 2.5)) lost() }

  function stop() {
    clearInterval(watch)
    clearInterval(count)
    source?.close()
    source = null
  }
  // close lets go of the stream on purpose: nothing is lost, nothing is said.
  function close() {
    stop()
    asked++
    if (!over) { bar.hidden = true; lamp.hidden = true }
  }
  // An EventSource hides the status of its answer, so the address is asked for it.
  async function lost() {
    stop()
    let left = pause = Math.min(pause * 2, waiting)
    const mine = ++asked, tell = () => { rest.textContent = words.wait.replace('%d', left) } // which is not read out each second
    if (text.textContent !== words.lost) text.textContent = words.lost
    tell()
    show(false)
    count = setInterval(() => { if (--left > 0) tell(); else connect() }, 1000)
    const status = await fetch(url(), { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(10000) }).then(r => r.status, () => 0)
    if (mine === asked && words[status]) end(status)
  }
  // end gives up: trying again would be answered the same.
  function end(status) {
    stop()
    over = true
    text.textContent = words[status]
    rest.textContent = ''
    retry.hidden = true
    if (status === 401) tellWorker('forget')
    const link = one('[data-sign-in]', bar)
    link.hidden = status !== 401
    link.search = '?next=' + encodeURIComponent(location.pathname.slice(base.length) + location.search)
  }
  function show(on) {
    bar.hidden = on
    lamp.hidden = false
    lamp.dataset.live = on ? 'on' : 'off'
    lamp.textContent = on ? lamp.dataset.on : lamp.dataset.off
  }
  retry.onclick = () => { pause = 1; connect() }
  // The way out has changed: what was open over the old one may be dead.
  addEventListener('online', () => { if (source || !bar.hidden) { pause = 1; connect() } })
  document.addEventListener('visibilitychange', () => { if (!document.hidden) look() })
  addEventListener('pagehide', close)
  addEventListener('pageshow', e => { if (e.persisted && !source) connect() })
  connect()
  return { close, connect, get on() { return !!source } }
}

const withBeat = path => {
  const u = new URL(path, location)
  u.searchParams.set('heartbeat', 'event')
  return u
}

// many reports whether the server takes any number of streams of one browser: over HTTP/1.1 it has six connections.
const many = /^h[23]/.test(performance.getEntriesByType('navigation')[0]?.nextHopProtocol)

Object.assign(window.notifer, { listen, many })
})()
