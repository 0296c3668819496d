import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accessRoutes as api } from '../../server/contracts/access.ts'
import { call } from '../lib/api.ts'
import { clearDrafts } from '../lib/drafts.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { LanguageSwitch, ThemeSwitch } from './switches.tsx'
import './shell.css'

export function SignIn() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(undefined)
    try {
      const me = await call(api.signIn, {
        body: { username: String(form.get('username')), password: String(form.get('password')) },
      })
      clearDrafts(me.id)
      client.setQueryData(['me'], me)
    } catch (fault) {
      setError(fault)
    }
    setBusy(false)
  }

  return (
    <main className="sign-in">
      <div className="sign-in-tools row">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
      <form className="sign-in-card" onSubmit={submit}>
        <h1>
          <span className="brand-mark" aria-hidden="true" />
          {t('shell.brand')}
        </h1>
        <p className="muted">{t('shell.tagline')}</p>
        <label>
          <span>{t('shell.username')}</span>
          <input
            className="field"
            name="username"
            autoComplete="username"
            required
            autoCapitalize="none"
            spellCheck={false}
          />
        </label>
        <label>
          <span>{t('shell.password')}</span>
          <input className="field" name="password" type="password" autoComplete="current-password" required />
        </label>
        {error !== undefined && <ErrorNote error={error} />}
        <button type="submit" className="btn primary" disabled={busy}>
          {t(busy ? 'shell.signingIn' : 'shell.signIn')}
        </button>
        <p className="muted small">{t('shell.notEmergency')}</p>
      </form>
    </main>
  )
}
