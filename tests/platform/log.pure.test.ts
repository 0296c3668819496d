import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withoutValues } from '../../server/platform/log.ts'

test('a careless log line loses what is personal or secret', () => {
  const script = `import { makeLog } from './server/platform/log.ts'
    const person = { id: 7, name: '王秀英', phone: '+8613800138000', address: '澜江路1号', password: 'hunter22', key: 'k-secret', token: 't-secret', note: '自由文字' }
    makeLog('info').info({ ...person, resident: person, req: { headers: { cookie: 'c-secret' } } }, 'said')`
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  })
  expect(stdout).toContain('"id":7')
  expect(stdout).not.toMatch(/王秀英|13800138000|澜江路|hunter22|secret|自由文字/)
})

test('a fault is logged without the values it speaks of, and with the names by which it is found', () => {
  const fault = (text: string) => withoutValues({ fault: text })['fault']
  expect(fault('invalid input syntax for type uuid: "王秀英"')).toBe('invalid input syntax for type uuid: "…"')
  expect(fault('Key (phone)=(+8613800138000) already exists')).toBe('Key (phone)=(…) already exists')
  expect(fault('relation "call_text" does not exist')).toBe('relation "call_text" does not exist')
  expect(fault("cannot read 'Wang Xiuying' of null")).toBe("cannot read '…' of null")
})
