import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { heardLevel } from '../lib/caller-phone.ts'

const bars = 12
// Ten times a second: quick enough to see syllables, and not a flicker [WCAG 2.3.1].
const lookEveryMs = 100
const speakingFrom = 2
// A word stays seen a moment longer than it is heard.
const fadesAfterMs = 900

/** Loudness as bars: ears work in decibels, -48 dB and less is none. */
const barsOf = (level: number): number =>
  level <= 0 ? 0 : Math.max(0, Math.min(bars, Math.round((1 + (20 * Math.log10(level)) / 48) * bars)))

/**
 * Shows that the other side speaks, to who cannot hear it or doubts it. Words and bars say the same. While one waits it is
 * music, which nobody shall take for a voice.
 */
export function Meter({ music }: { music: boolean }) {
  const { t } = useTranslation()
  const [lit, setLit] = useState(0)
  const [speaks, setSpeaks] = useState(false)
  useEffect(() => {
    let heardAt = 0
    const timer = setInterval(() => {
      const now = barsOf(heardLevel())
      if (now >= speakingFrom) heardAt = Date.now()
      setLit(now)
      setSpeaks(Date.now() - heardAt < fadesAfterMs)
    }, lookEveryMs)
    return () => clearInterval(timer)
  }, [])
  const words = music ? (['music', 'quiet'] as const) : (['speaks', 'silent'] as const)
  return (
    <div className="kiosk-meter" data-speaks={speaks}>
      <div className="kiosk-bars" aria-hidden="true">
        {Array.from({ length: bars }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the bars never change places
          <span key={i} data-lit={i < lit} style={{ height: `${24 + (76 * (i + 1)) / bars}%` }} />
        ))}
      </div>
      <p>{t(`kiosk.voice.${words[speaks ? 0 : 1]}`)}</p>
    </div>
  )
}
