import type { ResponderPage } from '../../server/contracts/dispatch.ts'
import { ask } from './ask.ts'
import { between, oneOf, takes } from './chance.ts'
import type { World } from './world.ts'

const answers = { accept: 0.7, decline: 0.2, silent: 0.1 } as const
const handBackShare = 0.02
/** The telephone lost the answer: they press the same button again. */
const twiceShare = 0.05
const minute = 60_000

/** Messages as a carrier takes them from the table, to the responder's own link. */
export type Message = { id: string; phone: string; text: string }

/** Everybody who gets a link: they look, accept or not, go, and report, each after a time that people take. */
export function startResponders(world: World): { hear(message: Message): void } {
  const known = new Map<string, ReturnType<World['random']>>()
  const streamOf = (phone: string) => {
    const random = known.get(phone) ?? world.random(`responder:${phone}`)
    known.set(phone, random)
    return random
  }

  function go(phone: string, token: string): void {
    const random = streamOf(phone)
    const url = random.pick(world.urls)
    const page = () => ask<ResponderPage>(world, url, 'GET', `/r/${token}`)
    /** Undefined when it was taken, else why not: the request is over for them, or they are out on another task. */
    async function report(name: string, body: object = {}): Promise<string | undefined> {
      for (let times = random.chance(twiceShare) ? 2 : 1; times > 0; times--) {
        const answer = await ask<{ code?: string }>(world, url, 'POST', `/r/${token}/${name}`, { body })
        if (answer.status === 200) continue
        const code = answer.body.code ?? String(answer.status)
        world.notes.refused(`responder ${name}`, code)
        return code
      }
      return undefined
    }
    async function look(): Promise<void> {
      const { status, body } = await page()
      if (status !== 200) return void world.notes.faults.push(`a responder's link answers ${status}`)
      if (body.status !== 'requested') return
      const what = oneOf(random, answers)
      if (what === 'silent') return
      if (what === 'decline') return void (await report('decline', { reason: 'busy' }))
      const no = await report('accept')
      if (!no) world.after(takes(random, minute), setOut)
      // They say so, and the next is asked.
      else if (no === 'booked-elsewhere') await report('decline', { reason: 'busy' })
    }
    async function setOut(): Promise<void> {
      if (random.chance(handBackShare)) return void (await report('hand-back', { reason: 'unwell' }))
      const { body } = await page()
      if (!(await report('en-route')))
        world.after((body.travelMinutes ?? 10) * minute * between(random, 0.8, 1.3), arrive)
    }
    async function arrive(): Promise<void> {
      if (!(await report('on-scene'))) world.after(takes(random, 9 * minute), async () => void (await report('done')))
    }
    world.after(takes(random, 18_000), look)
  }

  return {
    hear({ phone, text }) {
      const token = /\/r\/([A-Za-z0-9_-]+)/.exec(text)?.[1]
      // Without a link it only says that nobody is needed any more.
      if (token) go(phone, token)
    },
  }
}
