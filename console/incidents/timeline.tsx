import { useTranslation } from 'react-i18next'
import type { AssignmentView, FactView } from '../../server/contracts/incidents.ts'
import type { ContactView } from '../../server/contracts/residents.ts'
import { stepTime } from '../lib/escalation.ts'
import { phoneText } from '../lib/phone-text.ts'
import { useAreas } from '../lib/session.ts'
import { clockIn } from '../lib/zone.ts'
import { When } from '../ui/marks.tsx'
import { usePeople } from './people.ts'
import { inWords, type Line, linesOf, oursOf, tidy } from './told.ts'

/** Everything that happened, newest first, as sentences. It writes itself. */
export function Timeline({
  items,
  intact,
  assignments,
  contacts,
  incidentClass,
}: {
  items: FactView[]
  intact: boolean
  assignments: AssignmentView[]
  contacts: ContactView[]
  incidentClass: number
}) {
  const { t } = useTranslation()
  const sentence = useSentence(assignments, contacts, incidentClass)
  return (
    <>
      {!intact && <p className="note-error">{t('incident.notIntact')}</p>}
      <ol className="timeline">
        {linesOf(items)
          .reverse()
          .map((line) => (
            <li key={line.id}>
              <When at={line.fact.at} />
              <span>
                {sentence(line)}{' '}
                {line.fact.actorName && line.fact.actor.startsWith('operator') && (
                  <span className="muted">— {line.fact.actorName}</span>
                )}
              </span>
            </li>
          ))}
      </ol>
    </>
  )
}

const helperOf = (data: Record<string, unknown>, assignments: AssignmentView[]): string | undefined =>
  assignments.find((one) => one.id === data['assignmentId'] || one.responderId === data['responderId'])?.responderName

function useSentence(
  assignments: AssignmentView[],
  contacts: ContactView[],
  incidentClass: number,
): (line: Line) => string {
  const { t, i18n } = useTranslation()
  const people = usePeople()
  const { nameOf } = useAreas()
  const word = (list: string, value: unknown) => {
    const key = `words.${list}.${value}`
    return value === undefined || value === '' ? '' : i18n.exists(key) ? t(key) : String(value)
  }
  const placeName = (code: string) => (i18n.exists(`words.place.${code}`) ? t(`words.place.${code}`) : undefined)
  const saidOf = (said: string) => {
    const ours = oursOf(said)
    return ours ? t(`words.ours.${ours.code}`, { a: ours.a, b: ours.b }) : inWords(said, placeName)
  }
  const time = clockIn(i18n.language, { timeStyle: 'short' })
  return (line) => {
    const { fact } = line
    const data = fact.data as Record<string, string | number | undefined>
    if (line.says === 'answer')
      return t('timeline.answer', people.answerText(String(data['catalogueCode']), line.question, line.answer))
    const key = line.says === 'class' ? 'timeline.class' : `timeline.${fact.type}`
    if (!i18n.exists(key)) return fact.type
    return tidy(
      t(key, {
        ...data,
        helper: helperOf(data, assignments) ?? (fact.type === 'third-called' ? '' : (fact.actorName ?? '')),
        followUp: fact.type === 'followed-up' ? word('followUp', data['kind']) : '',
        followUpResult: fact.type === 'followed-up' ? word('followUpResult', data['result']) : '',
        byCloser: fact.data['byCloser'] === true ? t('followUp.byCloser') : '',
        rungStep: data['step'] && word(fact.data['byHand'] === true ? 'ladderToDo' : 'ladderStep', data['step']),
        onCall: data['areaId'] ? t('incident.onCallOf', { area: nameOf(String(data['areaId'])) }) : '',
        onCallArea: data['areaId'] ? nameOf(String(data['areaId'])) : '',
        number: data['number'] ? phoneText(String(data['number'])) : '',
        contact:
          data['to'] === 'unit'
            ? t('timeline.theUnit')
            : (contacts.find((one) => one.id === data['contactId'])?.name ?? ''),
        command: data['command'] && t(`calls.unit.${data['command']}`),
        result: word('contactResult', data['result']),
        kind: word('kind', data['kind']),
        class: word('class', data['class']),
        step:
          data['step'] === undefined
            ? ''
            : t(`words.escalation.${data['step']}`, { time: stepTime(Number(data['step']), incidentClass) }),
        service: data['catalogueCode'] && people.serviceName(String(data['catalogueCode'])),
        disposition: word('disposition', data['disposition']),
        because: word('because', data['because']),
        lowerBecause: data['lowerBecause'] ?? '',
        reason: word('declineReason', data['reason']),
        wish: word('wish', data['wish']),
        note: fact.type === 'device-noted' ? word('deviceNote', data['note']) : (data['note'] ?? ''),
        type: word('kind', data['type']),
        said: saidOf(String(data['said'] ?? '')),
        waited: data['waitedMs'] === undefined ? '' : Math.round(Number(data['waitedMs']) / 1000),
        n: data['assignments'],
        to: people.nameOf(data['to']),
        from: people.nameOf(data['from']),
        operator: people.nameOf(data['operatorId']),
        until: data['until'] && time.format(new Date(String(data['until']))),
      }),
    )
  }
}
