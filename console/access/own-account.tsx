import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { accessRoutes as api } from '../../server/contracts/access.ts'
import { ApiError, call } from '../lib/api.ts'
import { useSignedIn } from '../lib/session.ts'
import { useFieldText } from '../ui/field-text.ts'
import { ErrorNote, When } from '../ui/marks.tsx'

/** What somebody should know of their own account, to see whether another acts in their name; and how to end that. */
export function OwnAccountPage() {
  const { t } = useTranslation()
  const me = useSignedIn()
  return (
    <div className="page-inner">
      <h1>{me.name}</h1>
      {me.before && (
        <p>
          {t('account.before')} <When at={me.before.at} /> · {me.before.address}
        </p>
      )}
      {me.passwordChanged && (
        <p role="alert">
          {t('account.changedBy', { name: me.passwordChanged.by ?? me.name })} <When at={me.passwordChanged.at} />
        </p>
      )}
      <ChangePassword />
      <Sessions />
    </div>
  )
}

function ChangePassword() {
  const { t } = useTranslation()
  const text = useFieldText()
  const change = useMutation({
    mutationFn: (body: { old: string; password: string }) => call(api.changePassword, { body }),
  })
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const said = new FormData(form)
    change.mutate(
      { old: String(said.get('old')), password: String(said.get('password')) },
      { onSuccess: () => form.reset() },
    )
  }
  const fault = change.error instanceof ApiError ? change.error.problem.errors?.[0] : undefined
  return (
    <section>
      <h2 className="section-title">{t('account.change')}</h2>
      <p className="muted">{t('account.rule')}</p>
      <form className="row" onSubmit={submit}>
        <label>
          <span>{t('account.oldPassword')}</span>
          <input className="field" name="old" type="password" autoComplete="current-password" required />
        </label>
        <label>
          <span>{t('account.newPassword')}</span>
          <input className="field" name="password" type="password" autoComplete="new-password" required />
        </label>
        <button type="submit" className="btn primary" disabled={change.isPending}>
          {t('account.change')}
        </button>
      </form>
      {fault ? <p role="alert">{text(fault.message)}</p> : change.error && <ErrorNote error={change.error} />}
      {change.isSuccess && <p role="status">{t('account.changed')}</p>}
    </section>
  )
}

function Sessions() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { data, error } = useQuery({ queryKey: ['own-sessions'], queryFn: () => call(api.ownSessions) })
  const end = useMutation({
    mutationFn: (id: string | undefined) => call(api.endSession, { body: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['own-sessions'] }),
  })
  return (
    <section>
      <h2 className="section-title">{t('account.sessions')}</h2>
      {error && <ErrorNote error={error} />}
      <ul className="stack">
        {data?.items.map((one) => (
          <li key={one.id} className="row">
            <span>
              <When at={one.lastSeenAt} /> · {one.address} · <span className="muted">{one.browser}</span>
            </span>
            {one.own ? (
              <strong>{t('account.thisOne')}</strong>
            ) : (
              <button type="button" className="btn" onClick={() => end.mutate(one.id)}>
                {t('account.end')}
              </button>
            )}
          </li>
        ))}
      </ul>
      {(data?.items.length ?? 0) > 1 && (
        <button type="button" className="btn danger" onClick={() => end.mutate(undefined)}>
          {t('account.endOthers')}
        </button>
      )}
      {end.error && <ErrorNote error={end.error} />}
    </section>
  )
}
