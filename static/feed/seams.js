// Signs between messages: a seam stands for those that are left out, a line for what is new.
(() => {
'use strict'
const { one, all, group } = window.notifer

// count says how many messages a piece of the feed would have, in the words of who asks.
const count = ({ left: n, more }, words) => n === '1' && more === undefined ? words.one : words.many.replace('%d', Number(n).toLocaleString('en') + (more === undefined ? '' : '+'))

// A seam stands right above the message it begins after, and shrinks from its upper end.
function addSeam(feed, after, before, n) {
  const seam = document.importNode(one('template[data-seam]').content, true).firstElementChild
  seam.dataset.after = after
  const below = document.getElementById('m-' + after) ?? all('article', feed).find(a => a.dataset.id <= after)
  if (below) below.before(seam)
  else return
  setSeam(feed, seam, before, n)
}
function setSeam(feed, seam, before, n) {
  const a = one('a', seam), u = new URL(feed.dataset.feed, location)
  u.searchParams.set('before', before)
  a.href = u
  a.textContent = count(n, a.dataset)
  seam.dataset.before = before
}
// since draws a line under what is newer than a place the reader had seen.
function since(feed, place) {
  all('[data-since]', feed).forEach(x => x.remove())
  const below = all('article', feed).find(a => a.dataset.id <= place)
  if (place && below && below !== one('article', feed)) {
    const line = document.importNode(one('template[data-line]').content, true).firstElementChild
    line.dataset.after = place
    below.before(line)
  }
  group(feed) // also what only the former line kept apart
}

Object.assign(window.notifer, { count, addSeam, setSeam, since })
})()
