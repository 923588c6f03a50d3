// Deleting needs no question where it can be undone: the message is hidden, and deleted when the time for that is over or the
// page is left.
(() => {
'use strict'
const { aside, say, group } = window.notifer

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
    if (!link || aside(e)) return
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

window.notifer.deletes = deletes
})()
