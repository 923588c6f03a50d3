// The service worker: it shows what is pushed, opens it when it is pressed, and keeps the last pages readable without a network.
'use strict'
const scope = new URL(self.registration.scope), base = scope.pathname

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', e => e.waitUntil(Promise.all([self.clients.claim(), caches.delete('pages-1')]))) // a store of former versions
