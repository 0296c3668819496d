import { expect, test } from 'vitest'
import { sameOrigin } from '../../server/access/same-origin.ts'
import { readEnv } from '../../server/platform/env.ts'

test('our own pages are those of the host asked, and of the public address however it was written', () => {
  const from = (origin: string | undefined, base?: string) => sameOrigin({ origin, host: 'yihu.test:3000' }, base)
  expect(from('http://yihu.test:3000')).toBe(true)
  expect(from('http://evil.test')).toBe(false)
  expect(from('https://yihu.example', 'https://yihu.example')).toBe(true)
  expect(from('https://yihu.example', 'https://yihu.example/')).toBe(true)
  expect(from('https://yihu.example.evil.test', 'https://yihu.example')).toBe(false)
  expect([from(undefined), from('null'), from('nonsense')]).toEqual([false, false, false])
})

test('the public address is kept without a slash at its end, so that a link has one', () => {
  expect(readEnv({ PUBLIC_BASE_URL: 'https://yihu.example/' }).publicBaseUrl).toBe('https://yihu.example')
  expect(readEnv({ PUBLIC_BASE_URL: 'http://Yihu.example:8080' }).publicBaseUrl).toBe('http://yihu.example:8080')
  expect(() => readEnv({ PUBLIC_BASE_URL: 'https://yihu.example/centre' })).toThrow(/PUBLIC_BASE_URL.*without a path/)
  expect(() => readEnv({ PUBLIC_BASE_URL: 'ftp://yihu.example' })).toThrow(/PUBLIC_BASE_URL/)
})
