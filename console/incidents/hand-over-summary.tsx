import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { IncidentDetail } from '../../server/contracts/incidents.ts'
import { ageOf } from '../lib/age.ts'
import { useKnown } from '../lib/known.ts'
import { phoneText } from '../lib/phone-text.ts'
import { useAreas } from '../lib/session.ts'
import { usePeople } from './people.ts'

/** What an ambulance needs to hear, in the order in which it asks: where, who, what, health, who opens, whom to ring. */
export function HandOverSummary({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  const lines = useSummary(detail)
  const text = lines.map(([what, said]) => `${what}: ${said}`).join('\n')
  return (
    <section className="card stack hand-over" aria-label={t('calls.outside.summary')}>
      <h4>{t('calls.outside.summary')}</h4>
      <dl>
        {lines.map(([what, said]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{said}</dd>
          </div>
        ))}
      </dl>
      <div>
        <button
          type="button"
          className="btn quiet"
          onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
        >
          {t(copied ? 'calls.outside.copied' : 'calls.outside.copy')}
        </button>
      </div>
    </section>
  )
}

function useSummary({ row, resident, answers }: IncidentDetail): [string, string][] {
  const { t } = useTranslation()
  const people = usePeople()
  const known = useKnown()
  const { lineOf } = useAreas()
  const home = resident?.household
  const keyholder = resident?.contacts.find((contact) => contact.keyholder)
  const service = row.catalogueCode ? people.serviceName(row.catalogueCode) : ''
  const asked = Object.entries(answers).map(([question, answer]) => {
    const told = people.answerText(row.catalogueCode ?? '', question, answer)
    return `${told.question} ${told.answer}`
  })
  const join = (...words: (string | number | null | undefined)[]) => words.filter(Boolean).join(' · ')
  const lines: [string, string][] = [
    [
      'sayAddress',
      join(
        resident && lineOf(resident.areaId),
        home?.address,
        home && [home.building, home.entrance, home.room].filter(Boolean).join(' '),
        home && home.floor !== null ? t('incident.floor', { n: home.floor }) : '',
        home && t(home.lift ? 'incident.lift' : 'incident.noLift'),
      ),
    ],
    [
      'sayWho',
      join(
        resident?.name,
        resident && t(`words.sex.${resident.sex}`),
        resident?.birthDate && t('calls.outside.years', { n: ageOf(resident.birthDate) }),
        ...(resident?.languages ?? []).map((one) => t(`words.language.${one}`)),
      ),
    ],
    ['sayWhat', join(service, ...asked)],
    ['sayHealth', join(...(resident?.risks ?? []).map((risk) => t(`words.risk.${risk}`)), resident?.healthNotes)],
    ['sayKey', join(keyholder?.name, keyholder && known(keyholder.relation), keyholder && phoneText(keyholder.phone))],
    ['sayBack', resident?.phone ? phoneText(resident.phone) : ''],
  ]
  return lines.flatMap(([what, said]) => (said ? [[t(`calls.outside.${what}`), said] as [string, string]] : []))
}
