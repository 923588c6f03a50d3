// Times: how long ago something was and the names of days go on being right while the page is open, in the words of web/reltime.go,
// and the server learns the reader's time zone.
(() => {
'use strict'
const { root, base, one, all } = window.notifer
const steps = [[60, 'second'], [3600, 'minute'], [86400, 'hour'], [5184000, 'day']]
const agoIn = style => new Intl.RelativeTimeFormat(root.lang, { numeric: 'always', style })
const long = agoIn('long'), short = agoIn('narrow'), small = matchMedia('(max-width:46rem)')
const midnight = at => new Date(at).setHours(0, 0, 0, 0)
const daysSince = at => Math.round((midnight(Date.now()) - midnight(at)) / 864e5)

function tick() {
  const words = small.matches ? short : long
  all('time[data-ago]').forEach(t => {
    const s = (Date.parse(t.dateTime) - Date.now()) / 1000
    const i = s < -45 && s > -60 ? 1 : steps.findIndex(([end]) => Math.abs(s) < end)
    if (i === 3 && s < 0) t.textContent = words.format(-Math.max(1, daysSince(t.dateTime)), 'day') // as headings count
    else if (i > 0) t.textContent = words.format(Math.round(s / steps[i - 1][0]), steps[i][1])
  })
  all('[data-date]').forEach(day => {
    const name = ['Today', 'Yesterday'][daysSince(day.dataset.day + 'T00:00')] ?? day.dataset.date
    if (one('.day', day).textContent === name) return
    one('.day', day).textContent = name
    day.setAttribute('aria-label', name)
  })
}
setInterval(tick, 30000)
small.onchange = tick
if (small.matches) tick()

// The server shows times in the reader's zone from the second page on; the first is the one to sign in.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
if (zone && !document.cookie.split('; ').includes('notifer_zone=' + zone)) {
  document.cookie = `notifer_zone=${zone}; path=${base}/; max-age=31536000; samesite=lax`
}
addEventListener('click', e => { if (e.target.closest('[data-zone]')) one('#zone').value = zone })

window.notifer.tick = tick
})()
