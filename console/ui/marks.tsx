import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { dayAt } from '../../server/contracts/days.ts'
import { ApiError } from '../lib/api.ts'
import { serverNow, useSecond } from '../lib/clock.ts'
import { clockIn } from '../lib/zone.ts'

/** The class of an incident: colour, shape and number say the same, so that nobody depends on one of them. */
export function ClassBadge({ value }: { value: number }) {
  const { t } = useTranslation()
  const shapes: Record<number, ReactNode> = {
    1: <polygon points="11,1 21,11 11,21 1,11" />,
    2: <polygon points="11,1.5 21,20 1,20" />,
    3: <circle cx="11" cy="11" r="10" />,
    4: <rect x="2" y="2" width="18" height="18" rx="3" />,
    5: <rect x="1" y="5" width="20" height="12" rx="6" />,
  }
  return (
    <span className="class" role="img" aria-label={t(`words.class.${value}`)} title={t(`words.class.${value}`)}>
      <svg viewBox="0 0 22 22" aria-hidden="true" style={{ fill: `var(--c${value})` }}>
        {shapes[value]}
        <text
          x="11"
          y={value === 2 ? 17 : 15}
          textAnchor="middle"
          fontSize="11"
          fontWeight="700"
          style={{ fill: 'var(--panel)' }}
        >
          {value}
        </text>
      </svg>
    </span>
  )
}

/** 0:42, 12:05, 3:04:10 — always as wide as it needs, never jumping. */
export function clockText(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000))
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60]
  const two = (n: number) => String(n).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}

/** Time since, ticking by the server's clock; it stands still once it is over (`until`). */
export function Elapsed({ since, until }: { since: string; until?: string | undefined }) {
  const second = useSecond()
  const now = until === undefined ? second * 1000 : new Date(until).getTime()
  return <span className="num">{clockText(now - new Date(since).getTime())}</span>
}

/** Time until; negative once it has passed. */
export function useLeft(until: string | null): number {
  const second = useSecond()
  return until ? new Date(until).getTime() - second * 1000 : 0
}

export function When({ at }: { at: string | null }) {
  const { i18n, t } = useTranslation()
  if (!at) return <span className="muted">{t('ui.never')}</span>
  const date = new Date(at)
  const today = dayAt(date) === dayAt(new Date(serverNow()))
  const text = clockIn(
    i18n.language,
    today ? { timeStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' },
  ).format(date)
  return (
    <time dateTime={at} className="num">
      {text}
    </time>
  )
}

/** A reason as the server gives it, code or code:value, in words. */
export function Reasons({ list }: { list: string[] }) {
  const { t } = useTranslation()
  return (
    <span className="row" style={{ gap: 4 }}>
      {list.map((reason) => {
        const [code, value] = reason.split(':')
        const known =
          code === 'speaks' || code === 'no-language'
            ? t(`words.language.${value}`)
            : code === 'skill'
              ? t(`words.operatorSkill.${value}`)
              : value
        return (
          <span className="chip" key={reason}>
            {t(`words.reason.${code}`, { value: known })}
          </span>
        )
      })}
    </span>
  )
}

/** What went wrong in the person's language, and what to do next. */
export function useFaultText(): (error: unknown) => string {
  const { t, i18n } = useTranslation()
  return (error) => {
    const code = error instanceof ApiError ? error.code : 'outage'
    const known = `faults.${code}`
    if (i18n.exists(known)) return t(known)
    return error instanceof ApiError && i18n.language === 'en' ? error.message : t('faults.other', { code })
  }
}

export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation()
  const text = useFaultText()(error)
  return (
    <div className="note-error row" role="alert">
      <span>{text}</span>
      {retry && (
        <button type="button" className="btn" onClick={retry}>
          {t('ui.again')}
        </button>
      )}
    </div>
  )
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div style={{ padding: '40px 16px', textAlign: 'center' }}>
      <p style={{ fontWeight: 600, fontSize: 15 }}>{title}</p>
      <p className="muted">{children}</p>
    </div>
  )
}
