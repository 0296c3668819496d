import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KioskCall } from '../../server/contracts/kiosk.ts'
import { hangUp, type PhoneState } from '../lib/caller-phone.ts'
import { named } from '../lib/i18n.ts'
import { onPush } from '../lib/socket.ts'
import { askCall, type KioskInfo, type Tile } from './device.ts'
import { Meter } from './meter.tsx'
import { Big, Heading } from './parts.tsx'
import { useSaid } from './say.tsx'
import { isOver, type VoiceWord, voiceWord } from './voice-state.ts'

const lookEveryMs = 2_000

/** The call as the centre has it: the place in the queue, and whether somebody talks. */
function useCall(deviceKey: string, id: string | undefined): KioskCall | undefined {
  const [call, setCall] = useState<KioskCall>()
  useEffect(() => {
    if (!id) return
    const look = () =>
      void askCall(deviceKey, id).then(
        (next) => {
          setCall(next)
          // It ended while this page could not be told.
          if (next.status === 'ended') void hangUp()
        },
        () => {}, // the telephone itself says when the network is gone
      )
    look()
    const timer = setInterval(look, lookEveryMs)
    const off = onPush('call.changed', (push) => push.id === id && look())
    return () => {
      clearInterval(timer)
      off()
    }
  }, [deviceKey, id])
  return id && call?.id === id ? call : undefined
}

type Props = {
  deviceKey: string
  info: KioskInfo
  phone: PhoneState
  tile: Tile | undefined
  back: boolean
  again: () => void
  write: () => void
  home: () => void
}

/** On the telephone: the state in very large words, who speaks, and how to end it. */
export function CallScreen({ deviceKey, info, phone, tile, back, again, write, home }: Props) {
  const { t, i18n } = useTranslation()
  const call = useCall(deviceKey, phone.status === 'up' ? phone.callId : undefined)
  const word = voiceWord(phone, call, back)
  // Until the place is known nobody is told that they are next.
  const ahead = call ? call.position - 1 : undefined
  const place =
    ahead === undefined ? t('kiosk.voice.wait') : ahead > 0 ? t('kiosk.voice.ahead', { n: ahead }) : undefined
  const state = (word === 'waiting' && place) || t(`kiosk.voice.${word}`)
  useSaid(state, isOver(word) && word !== 'ended')
  const service = tile && named(tile, i18n.language)
  return (
    <div className={`kiosk-call ${word}`}>
      <Heading>{state}</Heading>
      <p className="kiosk-more">{t(`kiosk.voice.more.${word}`, { number: info.hotline })}</p>
      {service && !isOver(word) && <p className="kiosk-quote">{t('kiosk.sayThis', { service })}</p>}
      {(word === 'talking' || word === 'waiting' || word === 'held') && <Meter music={word !== 'talking'} />}
      <Ways word={word} again={again} write={write} home={home} />
    </div>
  )
}

function Ways({ word, again, write, home }: { word: VoiceWord } & Pick<Props, 'again' | 'write' | 'home'>) {
  const { t } = useTranslation()
  if (!isOver(word))
    return (
      <div className="kiosk-row">
        <Big kind="stop" icon="hangUp" onPress={() => void hangUp()}>
          {t('kiosk.voice.hangUp')}
        </Big>
        <Big icon="pencil" onPress={write}>
          {t('kiosk.voice.writeInstead')}
        </Big>
      </div>
    )
  const wellEnded = word === 'ended'
  return (
    <div className="kiosk-row">
      {!wellEnded && (
        <Big kind="write" icon="pencil" onPress={write}>
          {t('kiosk.voice.writeInstead')}
        </Big>
      )}
      <Big kind={wellEnded ? 'plain' : 'call'} icon="phone" onPress={again}>
        {t('kiosk.voice.callAgain')}
      </Big>
      <Big kind={wellEnded ? 'write' : 'plain'} icon="home" onPress={home}>
        {t('kiosk.home')}
      </Big>
    </div>
  )
}
