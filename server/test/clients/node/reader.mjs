// Follows a stream with one of the libraries of package.json and prints the text of each message, in the way that the
// library's own page shows. usage: reader.mjs LIBRARY URL TOKEN
const [library, url, token] = process.argv.slice(2)
const headers = { 'X-Topic-Token': token }
const got = data => console.log(JSON.parse(data).message)

const libraries = {
  'eventsource-2': async () => {
    const { default: EventSource } = await import('eventsource-2')
    new EventSource(url, { headers }).onmessage = e => got(e.data)
  },
  'eventsource': async () => {
    const { EventSource } = await import('eventsource')
    new EventSource(url, { fetch: (to, how) => fetch(to, { ...how, headers: { ...how.headers, ...headers } }) }).onmessage = e => got(e.data)
  },
  'undici': async () => {
    const { EventSource } = await import('undici')
    new EventSource(url + '?token=' + token).onmessage = e => got(e.data)
  },
  'eventsource-client': async () => {
    const { createEventSource } = await import('eventsource-client')
    createEventSource({ url, headers, onMessage: ({ data }) => got(data) })
  },
  'launchdarkly-eventsource': async () => {
    const { EventSource } = await import('launchdarkly-eventsource')
    const source = new EventSource(url, { headers, initialRetryDelayMillis: 10, errorFilter: () => true })
    source.onmessage = e => got(e.data)
    source.onerror = () => {}
  },
  // It is made for browsers: what it asks of the page is given here. JSON.parse in onmessage is the usual handler.
  'fetch-event-source': async () => {
    globalThis.window = globalThis
    globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} }
    const { fetchEventSource } = await import('@microsoft/fetch-event-source')
    fetchEventSource(url, { headers, openWhenHidden: true, onmessage: e => got(e.data) })
  },
}
await libraries[library]()
setInterval(() => {}, 1000) // the test ends it
