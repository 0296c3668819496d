import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accessRoutes as api } from '../../server/contracts/access.ts'
import { call } from '../lib/api.ts'
import { useSignedIn } from '../lib/session.ts'
import { clockText, useFaultText, useLeft, When } from '../ui/marks.tsx'

const warnedBeforeMs = 15 * 60_000

/** A shift ends by itself. Nobody learns that from a page that is suddenly empty: it is said before, with the way to go on. */
export function SessionEnd() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const client = useQueryClient()
  const left = useLeft(me.endsAt)
  const [wrong, setWrong] = useState<unknown>()
  const faultText = useFaultText()
  if (left > warnedBeforeMs) return null
  return (
    <form
      className="strip row"
      role="alert"
      onSubmit={(event) => {
        event.preventDefault()
        const password = String(new FormData(event.currentTarget).get('password'))
        call(api.confirmPassword, { body: { password } }).then((next) => client.setQueryData(['me'], next), setWrong)
      }}
    >
      <span>{left > 0 ? t('account.endsIn', { time: clockText(left) }) : t('account.endsAfter')}</span>
      <input
        className="field"
        style={{ width: 220 }}
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
      {wrong !== undefined && <span>{faultText(wrong)}</span>}
    </form>
  )
}

/** Somebody made a link for their account since they were here last: if that was not asked for, they say so. */
export function PasswordChanged() {
  const { t } = useTranslation()
  const { passwordChanged, name } = useSignedIn()
  const [seen, setSeen] = useState(false)
  if (!passwordChanged || seen) return null
  return (
    <div className="strip row" role="alert">
      <span>{t('account.changedBy', { name: passwordChanged.by ?? name })}</span>
      <When at={passwordChanged.at} />
      <button type="button" className="btn" onClick={() => setSeen(true)}>
        {t('account.wasMe')}
      </button>
    </div>
  )
}
