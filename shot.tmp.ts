import { readFileSync } from 'node:fs'
import { launchBrowser } from './tests/support/browser.ts'
import { linksOf, signIn, sitDown } from './tests/support/people.ts'

const url = 'http://127.0.0.1:3922'
const demo = JSON.parse(readFileSync('/tmp/ux-data/demo.json', 'utf8'))
const browser = await launchBrowser()
const errors: string[] = []
const what = process.argv[2] ?? 'board'
const devices = ((await (await fetch(url + '/api/v1/demo/devices')).json()) as any).items.filter(
  (d: any) => d.state === 'in-service',
)
const press = async (i: number, more: any = {}) => {
  const r = await fetch(url + '/api/v1/alarms', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + devices[i].key, 'content-type': 'application/json' },
    body: JSON.stringify({
      sequence: Date.now() - Date.UTC(2026, 0, 1),
      type: 'button',
      pressedAt: new Date().toISOString(),
      battery: 0.8,
      ...more,
    }),
  })
  return r.json() as any
}
const shot = async (page: any, name: string) => {
  await page.screenshot({ path: `/tmp/shots/${name}.png` })
  console.log('shot', name)
}
const watch = (page: any) => {
  page.on('pageerror', (e: any) => errors.push(String(e)))
  page.on('console', (m: any) => m.type() === 'error' && errors.push(m.text()))
}
try {
  await (await import(`/tmp/ux-scene-${what}.ts`)).default({
    browser,
    url,
    demo,
    press,
    shot,
    signIn,
    sitDown,
    linksOf,
    watch,
    devices,
  })
} finally {
  console.log('errors', [...new Set(errors)].slice(0, 6))
  await browser.close()
}
