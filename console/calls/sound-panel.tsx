import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  connectHeadset,
  disconnectHeadset,
  echo,
  heardLevel,
  reopenHeadset,
  setVolume,
  spokenLevel,
  useHeadset,
} from '../lib/headset.ts'
import { chooseSound, soundChoice, whyNot } from '../lib/microphone.ts'
import { useConnection } from '../lib/socket.ts'
import './calls.css'

/** The same as a page: can this browser talk, and why not. */
export function PhoneTestPage() {
  const { t } = useTranslation()
  return (
    <div className="page-inner" style={{ maxWidth: 560 }}>
      <h1>{t('shell.place.phoneTest')}</h1>
      <SoundPanel />
    </div>
  )
}

const echoMs = 6_000
const loudEnough = 0.03

/** Microphone, loudspeaker and volume; and the test before a shift: can this browser talk, and if not, why. */
export function SoundPanel() {
  const { t } = useTranslation()
  const headset = useHeadset()
  const [choice, setChoice] = useState(soundChoice)
  const devices = useDevices(headset.status)
  const change = (next: Partial<typeof choice>) => {
    chooseSound(next)
    setChoice(soundChoice())
    if (next.volume !== undefined) setVolume(next.volume)
    else reopenHeadset()
  }
  return (
    <div className="stack sound-panel">
      <div className="spread">
        <h2>{t('calls.sound')}</h2>
        {headset.status === 'off' || headset.status === 'fault' || headset.status === 'replaced' ? (
          <button
            type="button"
            className="btn primary"
            disabled={whyNot() !== undefined}
            onClick={() => void connectHeadset()}
          >
            {t('calls.connect')}
          </button>
        ) : (
          <button type="button" className="btn" onClick={disconnectHeadset}>
            {t('calls.disconnect')}
          </button>
        )}
      </div>
      <label>
        {t('calls.microphone')}
        <select className="field" value={choice.input} onChange={(event) => change({ input: event.target.value })}>
          <option value="">{t('calls.usualDevice')}</option>
          {devices.filter((one) => one.kind === 'audioinput').map(option)}
        </select>
      </label>
      <label>
        {t('calls.loudspeaker')}
        <select className="field" value={choice.output} onChange={(event) => change({ output: event.target.value })}>
          <option value="">{t('calls.usualDevice')}</option>
          {devices.filter((one) => one.kind === 'audiooutput').map(option)}
        </select>
      </label>
      <label>
        {t('calls.volume')}
        <input
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={choice.volume}
          onChange={(event) => change({ volume: Number(event.target.value) })}
        />
      </label>
      <label className="row">
        <input
          type="checkbox"
          checked={choice.cleaned}
          onChange={(event) => change({ cleaned: event.target.checked })}
        />
        {t('calls.cleaned')}
      </label>
      <SelfTest />
    </div>
  )
}

const option = (device: MediaDeviceInfo) => (
  <option key={device.deviceId} value={device.deviceId}>
    {device.label || device.deviceId.slice(0, 8)}
  </option>
)

function useDevices(status: string): MediaDeviceInfo[] {
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names of devices are known only once the microphone is open
  useEffect(() => {
    const read = () =>
      void navigator.mediaDevices?.enumerateDevices().then((all) => setDevices(all.filter((one) => one.deviceId)))
    read()
    navigator.mediaDevices?.addEventListener('devicechange', read)
    return () => navigator.mediaDevices?.removeEventListener('devicechange', read)
  }, [status])
  return devices
}

type Step = 'open' | 'passed' | 'failed'

/** Step by step, each with its reason when it fails. The echo runs through the real media process and back. */
function SelfTest() {
  const { t } = useTranslation()
  const headset = useHeadset()
  const { live } = useConnection()
  const [running, setRunning] = useState(false)
  const [loudest, setLoudest] = useState({ spoken: 0, heard: 0 })
  const [tested, setTested] = useState(false)
  const no = whyNot()
  useEffect(() => {
    if (!running) return
    const meter = setInterval(
      () =>
        setLoudest((was) => ({
          spoken: Math.max(was.spoken, spokenLevel()),
          heard: Math.max(was.heard, heardLevel()),
        })),
      50,
    )
    const end = setTimeout(() => {
      setRunning(false)
      setTested(true)
    }, echoMs)
    return () => {
      clearInterval(meter)
      clearTimeout(end)
      void echo(false)
    }
  }, [running])
  async function start() {
    setLoudest({ spoken: 0, heard: 0 })
    setTested(false)
    if (headset.status !== 'up') await connectHeadset()
    setRunning(await echo(true))
  }
  const judged = (good: boolean): Step => (good ? 'passed' : tested ? 'failed' : 'open')
  const steps: [name: string, step: Step, why?: string][] = [
    ['browser', no ? 'failed' : 'passed', no],
    ['server', live ? 'passed' : 'failed'],
    ['line', headset.status === 'up' ? 'passed' : headset.fault ? 'failed' : 'open', headset.fault],
    ['spoken', judged(loudest.spoken > loudEnough)],
    ['heard', judged(loudest.heard > loudEnough)],
  ]
  return (
    <section className="card stack" aria-label={t('calls.selfTest')}>
      <div className="spread">
        <h3>{t('calls.selfTest')}</h3>
        <button
          type="button"
          className="btn"
          disabled={running || no !== undefined || headset.talking}
          onClick={() => void start()}
        >
          {t(running ? 'calls.speakNow' : 'calls.startTest')}
        </button>
      </div>
      <ul className="stack" style={{ gap: 4 }}>
        {steps.map(([name, step, why]) => (
          <li key={name} className={`test-step ${step}`}>
            <span aria-hidden="true">{{ open: '○', passed: '✓', failed: '✕' }[step]}</span> {t(`calls.test.${name}`)}
            <span className="sr-only">{t(`calls.test.${step}`)}</span>
            {step === 'failed' && why && (
              <span className="muted"> {t(`calls.fault.${why}`, { defaultValue: why })}</span>
            )}
          </li>
        ))}
      </ul>
      <meter min={0} max={1} value={running ? loudest.spoken : 0} aria-label={t('calls.loudness')} />
    </section>
  )
}
