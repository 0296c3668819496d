import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { type AccountView, accessRoutes as api } from '../../server/contracts/access.ts'
import { call } from '../lib/api.ts'
import { useAreas, useSignedIn } from '../lib/session.ts'
import { ErrorNote, When } from '../ui/marks.tsx'

/** A link by which this person sets a password that nobody else learns, and the roles that wait for a second yes. */
export function AccountExtra({ account }: { account: AccountView }) {
  const { t } = useTranslation()
  const link = useMutation({ mutationFn: () => call(api.makePasswordLink, { params: { id: account.id } }) })
  return (
    <section>
      <h3 className="section-title">{t('account.linkTitle')}</h3>
      <p className="muted">{t('account.linkHint')}</p>
      <button type="button" className="btn" disabled={link.isPending} onClick={() => link.mutate()}>
        {t('account.makeLink')}
      </button>
      {link.data && (
        <p>
          <input
            className="field"
            readOnly
            aria-label={t('account.linkTitle')}
            value={link.data.link}
            onFocus={(event) => event.currentTarget.select()}
          />
          {t('account.linkUntil')} <When at={link.data.expiresAt} />
        </p>
      )}
      {link.error && <ErrorNote error={link.error} />}
      <AskedRoles account={account} />
    </section>
  )
}

function AskedRoles({ account }: { account: AccountView }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const { nameOf } = useAreas()
  const client = useQueryClient()
  const say = useMutation({
    mutationFn: (body: { role: AccountView['asked'][number]['role']; areaId: string; yes: boolean }) =>
      call(api.approveRole, { params: { id: account.id }, body }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['accounts'] }),
  })
  if (account.asked.length === 0) return null
  return (
    <>
      <h3 className="section-title">{t('account.askedTitle')}</h3>
      <p className="muted">{t('account.askedHint')}</p>
      {account.asked.map(({ role, areaId, askedBy }) => (
        <p key={`${role} ${areaId}`} className="row">
          {t(`words.role.${role}`)} · {nameOf(areaId)}
          <button
            type="button"
            className="btn primary"
            disabled={askedBy === me.id || account.id === me.id}
            onClick={() => say.mutate({ role, areaId, yes: true })}
          >
            {t('account.yes')}
          </button>
          <button type="button" className="btn" onClick={() => say.mutate({ role, areaId, yes: false })}>
            {t('account.no')}
          </button>
        </p>
      ))}
      {say.error && <ErrorNote error={say.error} />}
    </>
  )
}
