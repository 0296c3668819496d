import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { incidentRoutes } from '../../server/contracts/incidents.ts'
import { residentRoutes as api, type ResidentView } from '../../server/contracts/residents.ts'
import { contactResults } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { useKeys } from '../lib/keys.ts'
import { useKnown } from '../lib/known.ts'
import { ErrorNote, When } from '../ui/marks.tsx'
import { Telephone } from '../ui/telephone.tsx'

const functionKeys = ['F1', 'F2', 'F3', 'F4']

/** Whom to call, in order. F1–F4 opens a contact; the result is one more key. */
export function Contacts({
  resident,
  incidentId,
  readOnly,
}: {
  resident: ResidentView
  incidentId: string
  readOnly: boolean
}) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const known = useKnown()
  const [open, setOpen] = useState<number>()
  const record = useMutation({
    mutationFn: ({ id, result }: { id: string; result: (typeof contactResults)[number] }) =>
      call(api.recordContactResult, { params: { id }, body: { result, incidentId } }),
    onSuccess: () => {
      setOpen(undefined)
      void client.invalidateQueries({ queryKey: ['incident', incidentId] })
    },
  })
  const tellFamily = useMutation({
    mutationFn: () => call(incidentRoutes.tellFamily, { params: { id: incidentId }, body: {} }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['incident', incidentId] }),
  })
  const called = open === undefined ? undefined : resident.contacts[open]
  useKeys(
    functionKeys
      .slice(0, readOnly ? 0 : resident.contacts.length)
      .map((key, i) => ({ key, does: 'keys.contact', run: () => setOpen(i) })),
  )
  useKeys(
    called
      ? contactResults.map((result, i) => ({
          key: String(i + 1),
          does: `words.contactResult.${result}`,
          run: () => record.mutate({ id: called.id, result }),
        }))
      : [],
  )
  useKeys(called ? [{ key: 'Escape', does: 'keys.back', run: () => setOpen(undefined) }] : [])
  return (
    <section className="card">
      <h3>{t('incident.contacts')}</h3>
      {resident.contacts.length === 0 && <p className="chip red">{t('incident.noContacts')}</p>}
      <ul className="stack">
        {resident.contacts.map((contact, i) => (
          <li key={contact.id} className="contact">
            <div className="row">
              {!readOnly && functionKeys[i] && <kbd>{functionKeys[i]}</kbd>}
              <strong>{contact.name}</strong>
              <span className="muted">{known(contact.relation)}</span>
              <Telephone number={contact.phone} />
              <span style={{ flex: 1 }} />
              {!readOnly && (
                <button
                  type="button"
                  className="btn small"
                  aria-expanded={open === i}
                  onClick={() => setOpen(open === i ? undefined : i)}
                >
                  {t('incident.result')}
                </button>
              )}
            </div>
            <div className="row" style={{ gap: 4 }}>
              {contact.keyholder && <span className="chip green">{t('incident.keyholder')}</span>}
              {contact.minutesAway !== null && (
                <span className="chip">{t('incident.minutesAway', { n: contact.minutesAway })}</span>
              )}
              {contact.hours && <span className="chip">{known(contact.hours)}</span>}
              {contact.lastResult && <span className="chip">{t(`words.contactResult.${contact.lastResult}`)}</span>}
              {contact.lastReachedAt && (
                <span className="muted">
                  {t('incident.reachedAt')} <When at={contact.lastReachedAt} />
                </span>
              )}
            </div>
            {open === i && (
              <div className="results">
                {contactResults.map((result, n) => (
                  <button
                    type="button"
                    className="btn"
                    key={result}
                    onClick={() => record.mutate({ id: contact.id, result })}
                  >
                    <kbd>{n + 1}</kbd> {t(`words.contactResult.${result}`)}
                  </button>
                ))}
              </div>
            )}
          </li>
        ))}
      </ul>
      {!readOnly && resident.familyConsent && (
        <button
          type="button"
          className="btn small"
          disabled={tellFamily.isPending || tellFamily.isSuccess}
          onClick={() => tellFamily.mutate()}
        >
          {t('incident.tellFamily')}
        </button>
      )}
      {(record.error ?? tellFamily.error) && <ErrorNote error={record.error ?? tellFamily.error} />}
    </section>
  )
}
