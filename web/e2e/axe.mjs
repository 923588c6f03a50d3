// Looks at one page: rules of accessibility, sideways scroll, and what the page was refused.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const source = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

const ofColour = ['color-contrast', 'link-in-text-block']

// everywhere looks at a page in both schemes and at some widths. A scheme that leaves everything as and where it was can break only the
// rules of colour.
export async function everywhere(page, name, widths = [320, 768, 1280]) {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme })
      const same = await page.evaluate(unmoved)
  await look(page, `${name} ${width} ${colorScheme}`, same && colorScheme === 'dark' ? ofColour : [])
    }
  }
}

// unmoved says whether all that the page consists of, what is seen of it, and where, is as it was when last asked.
function unmoved() {
  const now = document.documentElement.outerHTML + [...document.querySelectorAll('*')].map(e => {
    const { x, y, width, height } = e.getBoundingClientRect()
    return [x, y, width, height, e.checkVisibility({ opacityProperty: true, visibilityProperty: true })]
  })
  const same = now === window.asDrawn
  window.asDrawn = now
  return same
}

// look returns only what is asserted: to hand over all that passed takes longer than to look. rules are all of axe's unless they are named.
export async function look(page, name, rules = []) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(wide <= 0, `${name}: ${wide} px too wide`)
  if (!await page.evaluate(() => window.axe)) await page.evaluate(source)
  const { violations, passes } = await page.evaluate(async rules => {
    const { violations, passes } = await axe.run({ resultTypes: ['violations'], ...rules.length && { runOnly: rules } })
    return { violations: violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`), passes: passes.length }
  }, rules)
  assert.ok(passes > (rules.length ? 0 : 10), `${name}: axe looked at nothing`)
  assert.deepEqual(violations, [], name)
  assert.deepEqual(page.troubles ?? [], [], name)
}
