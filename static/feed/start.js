// Loaded last: the feed of the page, and the list of topics beside it.
(() => {
'use strict'
const { one, all, olderOf, newerOf, toNewest, deletes, folds, group, live } = window.notifer

// A long list of topics stays where it was, and the open topic in sight.
all('#topics').forEach(list => {
  list.scrollTop = sessionStorage.getItem('beside')
  addEventListener('pagehide', () => sessionStorage.setItem('beside', list.scrollTop))
  const place = one('[aria-current]', list), top = place && place.offsetTop - list.scrollTop
  if (place && (top < 0 || top + place.offsetHeight > list.clientHeight)) list.scrollTop = place.offsetTop - list.clientHeight / 2
})
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
