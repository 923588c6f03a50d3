// Takes screenshots of preview pages: node shots.mjs http://127.0.0.1:PORT name[,name...] [widths] [themes]
import { chromium } from 'playwright-core'
const [base, names, widths = '320,1280', themes = 'light,dark'] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
for (const width of widths.split(',')) {
  const page = await browser.newPage({ viewport: { width: +width, height: 800 } })
  for (const name of names.split(','))
    for (const theme of themes.split(',')) {
      await page.goto(`${base}/view/${name}?theme=${theme}`)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (over > 0) console.log(`${name} ${width}: ${over} px too wide`)
      await page.screenshot({ path: `shots/${name}-${width}-${theme}.png`, fullPage: true })
    }
}
await browser.close()
