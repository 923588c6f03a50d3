// Loaded last: the feed of the page, and the list of topics beside it.
(() => {
'use strict'
const { all, olderOf, newerOf, toNewest, deletes, folds, group, live } = window.notifer

// The topic that is open stays in sight in a long list of them.
all('#topics [aria-current]').forEach(place => {
  const list = place.closest('aside')
  if (place.offsetTop + place.offsetHeight > list.clientHeight) list.scrollTop = place.offsetTop - list.clientHeight / 2
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
