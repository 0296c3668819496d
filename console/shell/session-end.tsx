import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accessRoutes as api } from '../../server/contracts/access.ts'
import { call } from '../lib/api.ts'
import { useSignedIn } from '../lib/session.ts'
import { clockText, useLeft } from '../ui/marks.tsx'

const warnedBeforeMs = 15 * 60_000

/** A shift ends by itself. Nobody learns that from a page that is suddenly empty: it is said before, with the way to go on. */
export function SessionEnd() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const client = useQueryClient()
  const left = useLeft(me.endsAt)
  const [wrong, setWrong] = useState(false)
  if (left > warnedBeforeMs) return null
  return (
    <form
      className="strip"
      role="alert"
      onSubmit={(event) => {
        event.preventDefault()
        const password = String(new FormData(event.currentTarget).get('password'))
        call(api.confirmPassword, { body: { password } }).then(
          (next) => client.setQueryData(['me'], next),
          () => setWrong(true),
        )
      }}
    >
      <span>{left > 0 ? t('account.endsIn', { time: clockText(left) }) : t('account.endsAfter')}</span>{' '}
      <input
        className="field"
        name="password"
        type="password"
        required
        autoComplete="current-password"
        aria-label={t('shell.password')}
        placeholder={t('shell.password')}
      />
      <button type="submit" className="btn">
        {t('account.goOn')}
      </button>
      {wrong && <span>{t('account.wrongPassword')}</span>}
    </form>
  )
}
