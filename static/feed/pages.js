// The way through a long feed: older messages, newer ones, and back to the newest.
(() => {
'use strict'
const { one, all, aside, get, enhance, group } = window.notifer

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
    if (!link || aside(e) || all('article', feed).length > 2000) return
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
    if (!('newer' in link.dataset) || aside(e)) return
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

// The way back to the newest messages is in sight once the reader is far below them.
function toNewest(feed) {
  const link = one('[data-newest]')
  if (!link || !link.hidden) return
  addEventListener('scroll', () => { link.hidden = scrollY < 2 * innerHeight }, { passive: true })
  link.addEventListener('click', e => {
    if (aside(e)) return
    e.preventDefault()
    const pill = one('[data-pill]')
    if (pill && !pill.hidden) return pill.click()
    scrollTo({ top: 0 })
    feed.focus({ preventScroll: true })
  })
}

Object.assign(window.notifer, { olderOf, newerOf, toNewest })
})()
