import { useTranslation } from 'react-i18next'
import type { AssignmentView, FactView } from '../../server/contracts/incidents.ts'
import { When } from '../ui/marks.tsx'
import { usePeople } from './people.ts'

/** Everything that happened, newest first, as sentences. It writes itself. */
export function Timeline({
  items,
  intact,
  assignments,
}: {
  items: FactView[]
  intact: boolean
  assignments: AssignmentView[]
}) {
  const { t } = useTranslation()
  const sentence = useSentence(assignments)
  return (
    <>
      {!intact && <p className="note-error">{t('incident.notIntact')}</p>}
      <ol className="timeline">
        {[...items].reverse().map((fact) => (
          <li key={fact.seq}>
            <When at={fact.at} />
            <span>
              {sentence(fact)}{' '}
              {fact.actorName && fact.actor.startsWith('operator') && <span className="muted">— {fact.actorName}</span>}
            </span>
          </li>
        ))}
      </ol>
    </>
  )
}

function useSentence(assignments: AssignmentView[]): (fact: FactView) => string {
  const { t, i18n } = useTranslation()
  const people = usePeople()
  return (fact) => {
    const data = fact.data as Record<string, string | number | undefined>
    const helper = assignments.find((one) => one.id === data['assignmentId'])?.responderName ?? fact.actorName ?? ''
    const reason = String(data['reason'] ?? '')
    return t(`timeline.${fact.type}`, {
      ...data,
      helper,
      kind: data['kind'] && t(`words.kind.${data['kind']}`),
      class: data['class'] && t(`words.class.${data['class']}`),
      step: data['step'] && t(`words.escalation.${data['step']}`),
      service: data['catalogueCode'] && people.serviceName(String(data['catalogueCode'])),
      disposition: data['disposition'] && t(`words.disposition.${data['disposition']}`),
      result: data['result'] && t(`words.contactResult.${data['result']}`),
      because: data['because'] && t(`words.because.${data['because']}`),
      reason: i18n.exists(`words.declineReason.${reason}`) ? t(`words.declineReason.${reason}`) : reason,
      waited: data['waitedMs'] === undefined ? '' : Math.round(Number(data['waitedMs']) / 1000),
      n: data['assignments'],
      to: people.nameOf(data['to']),
      from: people.nameOf(data['from']),
      operator: people.nameOf(data['operatorId']),
      until:
        data['until'] &&
        new Intl.DateTimeFormat(i18n.language, { timeStyle: 'short' }).format(new Date(String(data['until']))),
    })
  }
}
