import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accessRoutes as api } from '../../server/contracts/access.ts'
import { ApiError, call } from '../lib/api.ts'
import { useFieldText } from '../ui/field-text.ts'
import { ErrorNote } from '../ui/marks.tsx'
import '../shell/shell.css'

/** Where the link of an administrator leads. The token stands behind the #, so that no server and no log is told it by the way. */
export function SetPassword({ token }: { token: string }) {
  const { t } = useTranslation()
  const text = useFieldText()
  const [error, setError] = useState<unknown>()
  const [username, setUsername] = useState<string>()
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const password = String(new FormData(event.currentTarget).get('password'))
    try {
      setUsername((await call(api.usePasswordLink, { body: { token, password } })).username)
      window.history.replaceState(null, '', '/password')
    } catch (fault) {
      setError(fault)
    }
  }
  const weak = error instanceof ApiError ? error.problem.errors?.[0]?.message : undefined
  return (
    <main className="sign-in">
      {username === undefined ? (
        <form className="sign-in-card" onSubmit={(event) => void submit(event)}>
          <h1>{t('account.setTitle')}</h1>
          <p className="muted">{t('account.rule')}</p>
          <label>
            <span>{t('account.newPassword')}</span>
            <input className="field" name="password" type="password" autoComplete="new-password" required />
          </label>
          {weak ? <p role="alert">{text(weak)}</p> : error !== undefined && <ErrorNote error={error} />}
          <button type="submit" className="btn primary">
            {t('account.set')}
          </button>
        </form>
      ) : (
        <div className="sign-in-card">
          <h1>{t('account.isSet')}</h1>
          <p>{t('account.signInAs', { name: username })}</p>
          <a className="btn primary" href="/">
            {t('shell.signIn')}
          </a>
        </div>
      )}
    </main>
  )
}
