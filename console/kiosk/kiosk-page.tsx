import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Locale } from '../../server/contracts/vocabulary.ts'
import { dial, hangUp, pickUp, startPhone, usePhone } from '../lib/caller-phone.ts'
import { named, showLocale } from '../lib/i18n.ts'
import { keepKioskKey, readKioskKey, takeLinkedKey } from '../lib/kiosk-key.ts'
import { connect, disconnect, useConnection } from '../lib/socket.ts'
import { CallScreen } from './call-screen.tsx'
import { type Tile, useKiosk, wireOf } from './device.ts'
import { Frame, type Look, usualLook } from './frame.tsx'
import { Heading } from './parts.tsx'
import { ordinary, talking, useQuiet } from './quiet.ts'
import { RingScreen } from './ring-screen.tsx'
import { useSaid } from './say.tsx'
import { SetUp } from './set-up.tsx'
import { ServiceScreen, StartScreen } from './start-screen.tsx'
import { StillThere } from './still-there.tsx'
import { makeTalk, type Talk } from './talk.ts'
import { WriteScreen } from './write-screen.tsx'

type Screen =
  | { at: 'start' }
  | { at: 'service'; tile: Tile }
  | { at: 'call'; tile: Tile | undefined; back: boolean }
  | { at: 'write'; talk: Talk; n: number }

// Read once, as the page is opened: reading takes it out of the address.
const linkedKey = takeLinkedKey()

/** A screen in a community hall, for a person of 85 and for one who cannot hear or speak. */
export function KioskPage() {
  const [key, setKey] = useState(readKioskKey)
  const [look, setLook] = useState(usualLook)
  const [linked, setLinked] = useState(linkedKey)
  const [settingUp, setSettingUp] = useState(key === '' || linked !== '')
  const save = (next: string) => {
    keepKioskKey(next)
    setKey(next)
    setLinked('')
    setSettingUp(false)
  }
  if (settingUp)
    return (
      <Frame place="" hotline="" look={look} choose={setLook} onHold={() => {}} note={null}>
        <SetUp save={save} linked={linked} cancel={key ? () => setSettingUp(false) : undefined} />
        {key && <Quiet leave={() => setSettingUp(false)} />}
      </Frame>
    )
  return <Kiosk key={key} deviceKey={key} look={look} choose={setLook} setUp={() => setSettingUp(true)} />
}

/** A sub-screen that knows nothing of conversations: left after a minute. */
function Quiet({ leave }: { leave: () => void }) {
  const { left, here } = useQuiet(ordinary, '', leave)
  return left === undefined ? null : <StillThere left={left} here={here} leave={leave} />
}

type Props = { deviceKey: string; look: Look; choose: (look: Look) => void; setUp: () => void }

function Kiosk({ deviceKey, look, choose, setUp }: Props) {
  const { i18n } = useTranslation()
  const [usualLocale] = useState(i18n.language as Locale)
  const { info, faulty } = useKiosk(deviceKey)
  const phone = usePhone()
  const [screen, setScreen] = useState<Screen>({ at: 'start' })
  const [draft, setDraft] = useState('')
  const wire = useMemo(() => wireOf(deviceKey, () => i18n.language as Locale), [deviceKey, i18n])

  useEffect(() => {
    connect({ kiosk: deviceKey })
    const stop = startPhone()
    return () => {
      stop()
      disconnect()
    }
  }, [deviceKey])

  /** Back to the start, without a trace of who was here. */
  function home() {
    if (screen.at === 'write') void screen.talk.leave()
    void hangUp()
    setScreen({ at: 'start' })
    setDraft('')
    choose(usualLook)
    showLocale(usualLocale)
  }
  function call(tile?: Tile) {
    setScreen({ at: 'call', tile, back: false })
    void dial(i18n.language as Locale, 'kiosk')
  }
  function write(first = '') {
    void hangUp()
    setDraft(first)
    setScreen({ at: 'write', talk: makeTalk(wire), n: Date.now() })
  }
  function answer() {
    if (screen.at === 'write') void screen.talk.leave()
    setDraft('')
    setScreen({ at: 'call', tile: undefined, back: true })
    void pickUp()
  }

  const quiet = useQuietScreen({ screen, look, usualLocale, home })
  const need = useNeed()
  const shown = () => {
    if (!info || (faulty && screen.at === 'start')) return <NotReady faulty={faulty} />
    if (phone.status === 'ringing') return <RingScreen pickUp={answer} />
    switch (screen.at) {
      case 'start':
        return (
          <StartScreen
            info={info}
            choose={{ call: () => call(), write: () => write() }}
            open={(tile) => setScreen({ at: 'service', tile })}
          />
        )
      case 'service':
        return (
          <ServiceScreen
            tile={screen.tile}
            choose={{ call: () => call(screen.tile), write: () => write(need(screen.tile)) }}
            home={home}
          />
        )
      case 'call':
        return (
          <CallScreen
            {...{ deviceKey, info, phone, home }}
            tile={screen.tile}
            back={screen.back}
            again={() => call(screen.tile)}
            write={() => write(screen.tile ? need(screen.tile) : '')}
          />
        )
      case 'write':
        return <WriteScreen key={screen.n} talk={screen.talk} {...{ draft, setDraft, home }} again={write} />
    }
  }
  const place = info ? named({ name: info.areaName, nameEn: info.areaNameEn }, i18n.language) : ''
  return (
    <Frame
      place={place}
      hotline={info?.hotline ?? ''}
      look={look}
      choose={choose}
      onHold={() => {
        home()
        setUp()
      }}
      note={info && <NoNetwork hotline={info.hotline} />}
    >
      {shown()}
      {quiet.left !== undefined && <StillThere left={quiet.left} here={quiet.here} leave={home} />}
    </Frame>
  )
}

function useNeed(): (tile: Tile) => string {
  const { t, i18n } = useTranslation()
  return (tile) => t('kiosk.need', { service: named(tile, i18n.language) })
}

/** When is somebody asked whether they are there? On the telephone never, and while it rings neither. */
function useQuietScreen({
  screen,
  look,
  usualLocale,
  home,
}: {
  screen: Screen
  look: Look
  usualLocale: Locale
  home: () => void
}) {
  const { i18n } = useTranslation()
  const phone = usePhone()
  const [lines, setLines] = useState(0)
  const [open, setOpen] = useState(false)
  const talk = screen.at === 'write' ? screen.talk : undefined
  useEffect(() => {
    const see = () => {
      const { stage, texts, unsent } = talk?.state() ?? { stage: 'new', texts: [], unsent: [] }
      setLines(texts.filter((line) => line.side === 'operator').length)
      setOpen(stage !== 'ended' && (stage !== 'new' || unsent.length > 0))
    }
    see()
    return talk?.watch(see)
  }, [talk])
  const untouched = screen.at === 'start' && !look.contrast && !look.large && i18n.language === usualLocale
  const limits = phone.status !== 'idle' || untouched ? undefined : open ? talking : ordinary
  return useQuiet(limits, `${screen.at} ${lines}`, home)
}

function NotReady({ faulty }: { faulty: boolean }) {
  const { t } = useTranslation()
  const word = faulty ? 'faulty' : 'connecting'
  useSaid(t(`kiosk.notReady.${word}`))
  return (
    <div className="kiosk-call">
      <Heading>{t(`kiosk.notReady.${word}`)}</Heading>
      <p className="kiosk-more">{t(`kiosk.notReady.${word}More`)}</p>
    </div>
  )
}

// A start and a short gap are nobody's business.
const graceMs = 4_000

/** Without a network nobody can be reached from here: said plainly, with the number to dial elsewhere. */
function NoNetwork({ hotline }: { hotline: string }) {
  const { t } = useTranslation()
  const { live, since } = useConnection()
  const [late, setLate] = useState(false)
  useEffect(() => {
    setLate(false)
    if (live) return
    const timer = setTimeout(() => setLate(true), Math.max(0, since + graceMs - Date.now()))
    return () => clearTimeout(timer)
  }, [live, since])
  return late ? (
    <p className="kiosk-note" role="alert">
      {t('kiosk.noNetwork', { number: hotline })}
    </p>
  ) : null
}
