// Looks at one page: rules of accessibility, sideways scroll, and what the page was refused.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const source = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

// everywhere looks at a page in both schemes and at some widths.
export async function everywhere(page, name, widths = [320, 768, 1280]) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 })
      await look(page, `${name} ${width} ${colorScheme}`)
    }
  }
}

export async function look(page, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(wide <= 0, `${name}: ${wide} px too wide`)
  if (!await page.evaluate(() => window.axe)) await page.evaluate(source)
  const { violations, passes } = await page.evaluate(() => axe.run({ resultTypes: ['violations', 'passes'] }))
  assert.ok(passes.length > 10, `${name}: axe looked at nothing`)
  assert.deepEqual(violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`), [], name)
  assert.deepEqual(page.troubles ?? [], [], name)
}
