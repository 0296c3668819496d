import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { z } from 'zod'
import { dispatchRoutes as api, type demoDevice, type demoPhone } from '../../server/contracts/dispatch.ts'
import type { PromptLocale } from '../../server/contracts/voice.ts'
import { call } from '../lib/api.ts'
import {
  dial,
  hangUp,
  heardLevel,
  type PhoneState,
  pickUp,
  pressKey,
  startPhone,
  usePhone,
} from '../lib/caller-phone.ts'
import { useComposition } from '../lib/composition.ts'
import { named } from '../lib/i18n.ts'
import { keepKioskKey } from '../lib/kiosk-key.ts'
import { useKnown } from '../lib/known.ts'
import { phoneText } from '../lib/phone-text.ts'
import { connect, disconnect, useConnection } from '../lib/socket.ts'
import { useTelling, useTyped } from '../lib/typing.ts'
import { ErrorNote } from '../ui/marks.tsx'

type Device = z.infer<typeof demoDevice>
type Found = z.infer<typeof demoPhone>
type Whose = { id: string; name: string; number: string }

/** What a telephone without a number says of itself. */
const withheld = ''
// Of the fictional block, and nobody's in it.
const unknownNumber = '+8619900092081'
const typingPauseMs = 250

/** Demo only: somebody's telephone, to call the hotline and to be called back at. */
export function PretendPhone() {
  const { t } = useTranslation()
  const [whose, setWhose] = useState<Whose>()
  const unnamed: Whose[] = [
    { id: 'withheld', name: t('sim.phone.withheld'), number: withheld },
    { id: 'unknown', name: t('sim.phone.unknown'), number: unknownNumber },
  ]
  return (
    <section className="card stack" aria-label={t('sim.phone.title')}>
      <h2 style={{ fontSize: 16 }}>{t('sim.phone.title')}</h2>
      {whose ? (
        <Handset key={whose.id} whose={whose} putDown={() => setWhose(undefined)} />
      ) : (
        <>
          <Search choose={setWhose} />
          <div className="row">
            {unnamed.map((one) => (
              <button key={one.id} type="button" className="btn" onClick={() => setWhose(one)}>
                {one.name}
              </button>
            ))}
          </div>
        </>
      )}
    </section>
  )
}

function Search({ choose }: { choose: (whose: Whose) => void }) {
  const { t } = useTranslation()
  const known = useKnown()
  const [q, setQ] = useState('')
  const [found, setFound] = useState<Found[]>([])
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    let late = false
    const timer = setTimeout(
      () =>
        call(api.demoPhones, { query: { q } }).then(
          ({ items }) => !late && setFound(items),
          (fault) => !late && setError(fault),
        ),
      typingPauseMs,
    )
    return () => {
      late = true
      clearTimeout(timer)
    }
  }, [q])
  return (
    <>
      <label>
        {t('sim.phone.whose')}
        <input
          className="field"
          type="search"
          maxLength={60}
          placeholder={t('files.residentSearch')}
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
      </label>
      {error !== undefined && <ErrorNote error={error} />}
      <ul className="sim-found">
        {found.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => choose(one)}>
              <strong>{one.name}</strong> <span className="num">{phoneText(one.number)}</span>{' '}
              <span className="muted">{one.relation ? `${known(one.relation)} · ${one.of}` : one.areaName}</span>
            </button>
          </li>
        ))}
        {found.length === 0 && <li className="muted">{t('ui.nothingFound')}</li>}
      </ul>
    </>
  )
}

/** One connection a page: another telephone closes this one first, as the component is mounted anew for it. */
function Handset({ whose, putDown }: { whose: Whose; putDown: () => void }) {
  const { t, i18n } = useTranslation()
  const phone = usePhone()
  const { live } = useConnection()
  useEffect(() => {
    connect({ phone: whose.number })
    const stop = startPhone()
    return () => {
      stop()
      disconnect()
    }
  }, [whose.number])
  const state = useStateWords(phone)
  const rings = phone.status === 'ringing'
  return (
    <div className={`sim-handset ${phone.status}`}>
      <p>
        <strong>{whose.name}</strong> <span className="num">{phoneText(whose.number)}</span>
      </p>
      <p className="sim-handset-state" role="status">
        {live || phone.status !== 'idle' ? state : t('sim.phone.offline')}
      </p>
      {phone.status === 'up' && <Level />}
      {phone.status === 'up' && <Keypad />}
      <div className="row">
        {phone.status === 'idle' && (
          <button
            type="button"
            className="btn big primary"
            disabled={!live}
            onClick={() => void dial(i18n.language as PromptLocale)}
          >
            {t('sim.phone.call')}
          </button>
        )}
        {rings && (
          <button type="button" className="btn big primary" onClick={() => void pickUp()}>
            {t('sim.phone.pickUp')}
          </button>
        )}
        {phone.status !== 'idle' && (
          <button type="button" className="btn big danger" onClick={() => void hangUp()}>
            {t(rings ? 'sim.phone.decline' : 'sim.phone.hangUp')}
          </button>
        )}
        {phone.status === 'idle' && (
          <button type="button" className="btn big quiet" onClick={putDown}>
            {t('sim.phone.other')}
          </button>
        )}
      </div>
      {whose.number !== withheld && <Write from={whose.number} />}
    </div>
  )
}

/** A message to the hotline; what the centre answers is among the messages on the right. */
function Write({ from }: { from: string }) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const [said, setSaid] = useState('')
  const [error, setError] = useState<unknown>()
  const [sent, setSent] = useState(0)
  const typed = useTyped('any', sent)
  const choosing = useComposition()
  useTelling('any', text, choosing.now)
  async function send() {
    setError(undefined)
    try {
      await call(api.sendDemoMessage, { body: { from, text } })
      setText('')
      setSent(sent + 1)
      setSaid(t('sim.phone.written'))
    } catch (fault) {
      setError(fault)
    }
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim()) void send()
      }}
    >
      <label>
        {t('sim.phone.write')}
        <input
          className="field"
          maxLength={1000}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setSaid('')
          }}
          {...choosing.field}
        />
      </label>
      <div className="row">
        <button type="submit" className="btn" disabled={!text.trim()}>
          {t('sim.phone.send')}
        </button>
        <span role="status">{said}</span>
      </div>
      {typed && (
        <p className="typed">
          <span className="muted">{t('calls.typing')}</span> {typed}
        </p>
      )}
      {error !== undefined && <ErrorNote error={error} />}
    </form>
  )
}

function useStateWords(phone: PhoneState): string {
  const { t, i18n } = useTranslation()
  if (phone.status === 'up') return t(phone.lost ? 'sim.phone.state.lost' : 'sim.phone.state.up')
  if (phone.status !== 'idle') return t(`sim.phone.state.${phone.status}`)
  if (phone.fault) {
    const known = `sim.phone.fault.${phone.fault}`
    return i18n.exists(known) ? t(known) : t('sim.phone.fault.other', { code: phone.fault })
  }
  return phone.ended
    ? t('sim.phone.state.ended', { because: t(`sim.phone.because.${phone.ended}`) })
    : t('sim.phone.state.idle')
}

const lookEveryMs = 100

const twelve = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']

function Keypad() {
  const { t } = useTranslation()
  return (
    <fieldset className="sim-keypad" aria-label={t('sim.phone.keypad')}>
      {twelve.map((key) => (
        <button key={key} type="button" className="btn" onClick={() => pressKey(key)}>
          {key}
        </button>
      ))}
    </fieldset>
  )
}

/** That something is heard: greeting, music or a voice. */
function Level() {
  const { t } = useTranslation()
  const [level, setLevel] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setLevel(heardLevel()), lookEveryMs)
    return () => clearInterval(timer)
  }, [])
  return <meter className="sim-level" min={0} max={1} value={Math.sqrt(level)} aria-label={t('sim.phone.heard')} />
}

/** The kiosk takes its key from this browser and not from the address, where others would read it. */
export function PretendKiosk({ kiosks }: { kiosks: Device[] }) {
  const { t, i18n } = useTranslation()
  const [chosen, setChosen] = useState('')
  const kiosk = kiosks.find((one) => one.id === chosen) ?? kiosks[0]
  if (!kiosk) return null
  return (
    <section className="card stack" aria-label={t('sim.kiosk.title')}>
      <h2 style={{ fontSize: 16 }}>{t('sim.kiosk.title')}</h2>
      <label>
        {t('sim.kiosk.where')}
        <select className="field" value={kiosk.id} onChange={(event) => setChosen(event.target.value)}>
          {kiosks.map((one) => (
            <option key={one.id} value={one.id}>
              {named({ name: one.areaName, nameEn: one.areaNameEn }, i18n.language)} · {one.account}
            </option>
          ))}
        </select>
      </label>
      <a href="/kiosk" target="_blank" rel="noreferrer" className="btn" onClick={() => keepKioskKey(kiosk.key)}>
        {t('sim.kiosk.open')}
      </a>
    </section>
  )
}
