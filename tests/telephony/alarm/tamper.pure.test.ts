import { expect, test } from 'vitest'
import { contactIdMeaning } from '../../../telephony/alarm/contact-id.ts'
import { siaMeaning } from '../../../telephony/alarm/dc09/sia-codes.ts'
import { scaipMeaning } from '../../../telephony/alarm/scaip/codes.ts'

const opened = { is: 'alarm', type: 'tamper' }
const closed = { is: 'note', note: 'restored', type: 'tamper' }
test.each([
  ['Contact ID 137', contactIdMeaning('1137 00 000'), opened],
  ['Contact ID 144', contactIdMeaning('1144 01 003'), opened],
  ['Contact ID 145', contactIdMeaning('1145 01 003'), opened],
  ['Contact ID 383', contactIdMeaning('1383 01 003'), opened],
  ['Contact ID 383, still there', contactIdMeaning('6383 01 003'), opened],
  ['Contact ID 137, over', contactIdMeaning('3137 00 000'), closed],
  ['SIA TA', siaMeaning('Nri01/TA003'), opened],
  ['SIA TR', siaMeaning('Nri01/TR003'), closed],
  ['SCAIP 0125', scaipMeaning({ mty: 'ME', dty: '0002', stc: '0125' }), opened],
  ['SCAIP tamper contact', scaipMeaning({ mty: 'ME', dty: '0038', stc: '0010' }), opened],
])('%s is a device that was opened by force, or is closed again', (_, meaning, is) => {
  expect(meaning).toEqual(is)
})
