import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AlarmDevice, AlarmIn } from '../../../server/contracts/alarms.ts'
import { handOver } from '../hand-over.ts'
import { decide } from '../json/decide.ts'
import { readWord, wordBytesMax } from '../json/read.ts'

const protocol = 'coap'
const accountMax = 60

/** What is asked: the method, the path with its query, the body. */
export type Asked = { method: string; url: string; payload: Buffer }
/** Response codes of RFC 7252, 12.1.2; 4.01 for a wrong proof and for nobody alike, so that guessing teaches nothing. */
export type Code = '2.04' | '4.01' | '4.04' | '4.05' | '4.13' | '5.03'

/**
 * The proof `m` of a word: the first 32 hex digits of HMAC-SHA256 over account, line feed and body, keyed with the device's key.
 * CoAP has no secrecy here (no DTLS), so the key itself never travels; a word that is sent again by somebody else is the same word.
 */
export const proofOf = (account: string, payload: Buffer, key: string): string =>
  createHmac('sha256', key).update(`${account}\n`).update(payload).digest('hex').slice(0, 32)

/** Answers `POST /alarm?d=<account>&m=<proof>` [alarm-devices.md 4.3]: 2.04 once it is committed, 5.03 when it could not be. */
export function coapDevices({ alarms, log }: { alarms: AlarmIn; log: { warn(about: object, words: string): void } }) {
  /** The device, when the proof shows that it has said this. */
  async function speaker(account: string, proof: string, payload: Buffer): Promise<AlarmDevice | undefined> {
    const device = await alarms.device(protocol, account)
    const wanted = Buffer.from(device?.secret ? proofOf(account, payload, device.secret) : '')
    const given = Buffer.from(proof.toLowerCase())
    if (device && given.length === 32 && wanted.length === 32 && timingSafeEqual(given, wanted)) return device
    const because = device ? 'wrong-secret' : 'unknown-account'
    await alarms.strange({ protocol, account, said: payload.toString('utf8', 0, 200), because })
    return undefined
  }

  return async ({ method, url, payload }: Asked): Promise<Code> => {
    const asked = URL.canParse(url, 'coap://here') ? new URL(url, 'coap://here') : undefined
    const account = asked?.searchParams.get('d') ?? ''
    const proof = asked?.searchParams.get('m') ?? ''
    const wrong: Code | undefined =
      asked?.pathname !== '/alarm'
        ? '4.04'
        : method !== 'POST'
          ? '4.05'
          : payload.length > wordBytesMax
            ? '4.13'
            : undefined
    if (account === '' || account.length > accountMax || (wrong && proof === '')) return wrong ?? '4.01'
    try {
      // Proved by its key it is taken whatever the path, the method or the length: one that was set up wrongly is in need all the same.
      const device = await speaker(account, proof, payload)
      if (!device) return wrong ?? '4.01'
      await handOver(alarms, device, decide(payload, readWord(payload), { quiet: false }))
      return '2.04'
    } catch (error) {
      log.warn({ fault: (error as Error).message }, 'a CoAP word was not stored')
      return '5.03'
    }
  }
}
