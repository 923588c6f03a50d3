// The button that turns the notifications of a topic on, and those of an open page where the browser has no push.
(() => {
'use strict'
const { one } = window.notifer

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

// notice shows a message while the page is open and out of sight.
function notice(m) {
  if (m.priority < 3) return
  try { new Notification(m.title || m.topic, { body: m.message.slice(0, 300), tag: m.id, silent: true }) } catch { /* phones want a worker */ }
}

Object.assign(window.notifer, { notifications, notice })
})()
