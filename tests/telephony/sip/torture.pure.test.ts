import { expect, test } from 'vitest'
import { sdpIn } from '../../../telephony/sip/message/body.ts'
import { readAddress } from '../../../telephony/sip/message/headers.ts'
import { header, headers, tagOf } from '../../../telephony/sip/message/message.ts'
import { parse } from '../../../telephony/sip/message/parse.ts'
import { readUri } from '../../../telephony/sip/message/uri.ts'
import { bytesOf, invalid, readable, valid } from './fixtures/torture.ts'
import { requestFrom, responseFrom } from './support/messages.ts'

const request = (name: keyof typeof valid) => requestFrom(bytesOf(valid[name]))

test('an INVITE folded and spaced in every allowed way says the same as a plain one', () => {
  const read = request('wsinv')
  expect(read.method).toBe('INVITE')
  expect(tagOf(read.to)).toBe('1918181833n')
  expect(read.from).toMatchObject({ display: 'J Rosenberg \\"', uri: { user: 'jdrosen', host: 'example.com' } })
  expect(tagOf(read.from)).toBe('98asjd8')
  expect(read.cseq).toEqual({ number: 9, method: 'INVITE' })
  expect(headers(read, 'via')).toHaveLength(3)
  expect(read.via).toMatchObject({ transport: 'UDP', host: '192.0.2.2', branch: '390skdjuw' })
  expect(header(read, 'newfangledheader')).toBe('newfangled value continued newfangled value')
  expect(header(read, 'subject')).toBe('')
  const contact = readAddress(header(read, 'contact') ?? '')
  expect(contact?.display).toBe('Quoted string ""')
  expect(Object.fromEntries(contact?.params ?? [])).toEqual({ newparam: 'newvalue', secondparam: '', q: '0.33' })
  expect(sdpIn(read)).toMatchObject({ sdp: expect.stringContaining('m=audio 49217') })
})

test('a method and an address of nothing but unusual characters are read', () => {
  const read = request('intmeth')
  expect(read.method).toBe("!interesting-Method0123456789_*+`.%indeed'~")
  expect(readUri(read.uri)).toMatchObject({
    user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
    host: 'example.com',
  })
  expect(read.to.display).toBe('BEL:\x07 NUL:\x00 DEL:\x7f')
  expect(read.from.display).toBe("token1~` token2'+_ token3*%!.-")
})

test('escapes in addresses are read, also such as name another address, and no method is', () => {
  expect(readUri(request('esc01').uri)).toMatchObject({ user: 'sips:user@example.com', host: 'example.net' })
  expect(request('esc01').to.uri).toMatchObject({ user: 'user' })
  expect(request('esc01').from.uri).toMatchObject({ user: 'I have spaces' })
  expect(request('escnull').to.uri).toMatchObject({ user: 'null-\0-null' })
  expect(headers(request('escnull'), 'contact')).toHaveLength(2)
  expect(request('esc02')).toMatchObject({ method: 'RE%47IST%45R', to: { display: '%Z%45' } })
  expect(headers(request('esc02'), 'contact')).toHaveLength(2)
})

test('a name without a space before its address, and a semicolon in a user, are read', () => {
  expect(request('lwsdisp').from).toMatchObject({ display: 'caller', uri: { user: 'caller' } })
  expect(readUri(request('semiuri').uri)).toMatchObject({ user: 'user;par=u@example.net', host: 'example.com' })
})

test('long values, many hops and unknown transports are read', () => {
  expect(headers(request('longreq'), 'via')).toHaveLength(34)
  expect(tagOf(request('longreq').from)).toHaveLength(155)
  expect(headers(request('transports'), 'via')).toHaveLength(5)
})

test('what follows the message in its datagram is not part of it', () => {
  const read = request('dblreq')
  expect(read).toMatchObject({ method: 'REGISTER', cseq: { number: 8 } })
  expect(read.body).toHaveLength(0)
})

test('binary parts come through byte by byte', () => {
  expect(request('mpart01').body.includes(Buffer.from([0x82, 0x01, 0x52, 0x06]))).toBe(true)
  expect(sdpIn(request('mpart01'))).toBe('unknown')
})

test('a response is read with a reason in any language, or with none', () => {
  expect(responseFrom(bytesOf(valid.unreason))).toMatchObject({ status: 200, cseq: { method: 'INVITE' } })
  expect(responseFrom(bytesOf(valid.noreason))).toMatchObject({ status: 100, reason: '' })
})

for (const [name, [message, reason]] of Object.entries(invalid))
  test(`${name} is refused by name and breaks nothing`, () => {
    expect(parse(bytesOf(message))).toMatchObject({ ok: false, reason })
  })

test('a refused request can be answered when it says between whom it is, a refused response never', () => {
  for (const name of ['clerr', 'ncl', 'lwsruri', 'mismatch01'])
    expect(parse(bytesOf(invalid[name]?.[0] ?? ''))).toMatchObject({ status: 400, answerable: {} })
  expect(parse(bytesOf(invalid['badvers']?.[0] ?? ''))).toMatchObject({ status: 505, answerable: {} })
  for (const name of ['insuf', 'scalarlg'])
    expect(parse(bytesOf(invalid[name]?.[0] ?? ''))).not.toHaveProperty('answerable')
})

for (const [name, message] of Object.entries(readable))
  test(`${name} is read: what is wrong with it is said by the answer`, () => {
    expect(parse(bytesOf(message)).ok).toBe(true)
  })
