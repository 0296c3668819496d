import { asCode } from '../contracts/text.ts'
import type { Protocol } from '../contracts/vocabulary.ts'

type Rule = { from?: (text: string) => string; fits: RegExp; shape: string }

// What stands in a topic, in a query or in JSON; a topic's own signs would make it another topic.
const word: Rule = { fits: /^[^\s/+#?&"\p{C}]{1,60}$/u, shape: 'BT-0001' }

/** An account that its protocol cannot carry would be a button that nobody hears. [SIA DC-09 5.5.1.7; SCAIP; LoRaWAN 6.1.1; MQTT 3.1.1 4.7] */
const rules: Partial<Record<Protocol, Rule>> = {
  dc09: { from: (text) => text.toUpperCase(), fits: /^[0-9A-F]{3,16}$/, shape: '1234ABCD' },
  lorawan: { from: (text) => text.toLowerCase(), fits: /^[0-9a-f]{16}$/, shape: '24e124535b316056' },
  scaip: { fits: /^\d{1,16}$/, shape: '100200300' },
  mqtt: word,
  coap: word,
}

/** The account as its device will say it, or the shape in which its protocol has them. Pure. */
export function accountOf(protocol: Protocol, text: string): { account: string } | { wrong: string } {
  const rule = rules[protocol]
  const account = rule?.from ? rule.from(asCode(text)) : asCode(text)
  return rule && !rule.fits.test(account) ? { wrong: rule.shape } : { account }
}
