import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { z } from 'zod'
import { alarmRoutes } from '../../server/contracts/alarms.ts'
import { dispatchRoutes as api, type demoDevice, type demoMessage } from '../../server/contracts/dispatch.ts'
import { alarmTypes } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { phoneText } from '../lib/phone-text.ts'
import { LanguageSwitch, ThemeSwitch } from '../shell/switches.tsx'
import { ErrorNote, When } from '../ui/marks.tsx'
import { PretendKiosk, PretendPhone } from './pretend-phone.tsx'
import './responder.css'

type Device = z.infer<typeof demoDevice>
type Message = z.infer<typeof demoMessage>

/** Demo only: a pretend pendant to press, a telephone to call from, a kiosk, and the telephones of the responders. */
export function SimulatorPage() {
  const { t } = useTranslation()
  const [devices, setDevices] = useState<Device[]>([])
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    call(api.demoDevices).then(({ items }) => setDevices(items), setError)
  }, [])
  return (
    <main className="sim">
      <header className="spread">
        <h1 className="row">
          <span className="brand-mark" aria-hidden="true" /> {t('sim.title')}
        </h1>
        <span className="row">
          <LanguageSwitch />
          <ThemeSwitch />
        </span>
      </header>
      <p className="muted">{t('sim.what')}</p>
      {error !== undefined && <ErrorNote error={error} />}
      <div className="sim-main">
        <div className="sim-people">
          <Pendant devices={devices.filter((device) => device.kind !== 'kiosk')} />
          <PretendKiosk kiosks={devices.filter((device) => device.kind === 'kiosk')} />
        </div>
        <PretendPhone />
        <Telephones />
      </div>
    </main>
  )
}

/** Counts up for each device, like the real one; milliseconds since 2026 never go back after a reload. */
const nextSequence = () => Date.now() - Date.UTC(2026, 0, 1)

function Pendant({ devices }: { devices: Device[] }) {
  const { t } = useTranslation()
  const usable = devices.filter((device) => device.state !== 'registered')
  const [chosen, setChosen] = useState('')
  const [type, setType] = useState<(typeof alarmTypes)[number]>('button')
  const [said, setSaid] = useState('')
  const [error, setError] = useState<unknown>()
  const device = usable.find((one) => one.id === chosen) ?? usable.find((one) => one.state === 'in-service')
  async function press() {
    if (!device) return
    setError(undefined)
    try {
      const receipt = await call(alarmRoutes.receiveAlarm, {
        headers: { authorization: `Bearer ${device.key}` },
        body: { sequence: nextSequence(), type, pressedAt: new Date().toISOString(), battery: 0.84 },
      })
      setSaid(receipt.incidentId ? t('sim.stored') : t('sim.storedTest'))
    } catch (fault) {
      setError(fault)
    }
  }
  return (
    <section className="card pendant" aria-label={t('sim.pendant')}>
      <label style={{ width: '100%' }}>
        {t('sim.device')}
        <select className="field" value={device?.id ?? ''} onChange={(event) => setChosen(event.target.value)}>
          {usable.map((one) => (
            <option key={one.id} value={one.id}>
              {one.account} · {one.residentName} · {t(`words.device.${one.kind}`)} ·{' '}
              {t(`words.deviceState.${one.state}`)}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="pendant-button" disabled={!device} onClick={() => void press()}>
        {t('sim.press')}
      </button>
      <label style={{ width: '100%' }}>
        {t('sim.signal')}
        <select className="field" value={type} onChange={(event) => setType(event.target.value as typeof type)}>
          {alarmTypes.map((one) => (
            <option key={one} value={one}>
              {t(`words.kind.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <p role="status">{said}</p>
      {error !== undefined && <ErrorNote error={error} />}
    </section>
  )
}

const lookEveryMs = 1500

function Telephones() {
  const { t } = useTranslation()
  const [messages, setMessages] = useState<Message[]>([])
  const [on, setOn] = useState(false)
  const [error, setError] = useState<unknown>()
  const look = useCallback(async () => {
    try {
      setMessages((await call(api.demoMessages)).items)
      setOn((await call(api.demoResponders)).on)
      setError(undefined)
    } catch (fault) {
      setError(fault)
    }
  }, [])
  useEffect(() => {
    void look()
    const timer = setInterval(() => void look(), lookEveryMs)
    return () => clearInterval(timer)
  }, [look])
  return (
    <section className="card stack" aria-label={t('sim.telephones')}>
      <div className="spread">
        <h2 style={{ fontSize: 16 }}>{t('sim.telephones')}</h2>
        <button
          type="button"
          className={`btn ${on ? 'on' : ''}`}
          aria-pressed={on}
          onClick={() => {
            setOn(!on)
            call(api.setDemoResponders, { body: { on: !on } }).then(look, setError)
          }}
        >
          {t(on ? 'sim.autoOn' : 'sim.autoOff')}
        </button>
      </div>
      {error !== undefined && <ErrorNote error={error} />}
      {messages.length === 0 && <p className="muted">{t('sim.noMessages')}</p>}
      <ul className="stack">
        {messages.map((message) => (
          <li key={message.id} className="card">
            <p className="row muted">
              <span className="num">{phoneText(message.to)}</span> <When at={message.createdAt} />
            </p>
            <p>{message.link ? message.text.replace(message.link, '') : message.text}</p>
            {message.link && (
              <a href={new URL(message.link).pathname} target="_blank" rel="noreferrer">
                {t('sim.openLink')}
              </a>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
