import { v7 } from 'uuid'
import type { SmsGateway } from '../contracts/sms.ts'
import type { Parts } from '../platform/parts.ts'

/** With demo data and without a gateway, messages go to the pretend telephones of the simulator page. */
export const pretendMessages = ({ db, clock }: Pick<Parts, 'db' | 'clock'>): SmsGateway => ({
  async send({ to, body, reference }) {
    const id = v7()
    await db.query(
      `INSERT INTO message (id, channel, phone, about, text, status, created_at) VALUES ($1, 'sms', $2, $3, $4, 'sent', $5) ON CONFLICT DO NOTHING`,
      [id, to, `text:${reference}`, body, clock.now()],
    )
    return { id }
  },
})
