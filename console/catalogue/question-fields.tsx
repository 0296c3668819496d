import { Button, Form, type FormListFieldData, type FormListOperation } from 'antd'
import { useTranslation } from 'react-i18next'
import { Fields, TextField, WordField } from '../ui/fields.tsx'

const answersMin = 2
const answersMax = 9
const questionsMax = 12
// Ids only have to differ within the service, and stay what they are once answers were stored under them.
const newId = () => crypto.randomUUID().slice(0, 8)
const newAnswer = () => ({ id: newId(), text: '', textEn: '' })

/** The triage of a service: each question with its answers, in the order in which they are asked and numbered. */
export function QuestionFields() {
  const { t } = useTranslation()
  return (
    <Form.List name="questions">
      {(fields, list) => (
        <section aria-label={t('files.questions')}>
          <h3 className="section-title">{t('files.questions')}</h3>
          {fields.map((field, i) => (
            <div className="card question-card" key={field.key}>
              <div className="spread" style={{ marginBottom: 8 }}>
                <strong>{t('files.questionN', { n: i + 1 })}</strong>
                <MoveButtons field={field} i={i} count={fields.length} list={list} least={0} />
              </div>
              <Fields>
                <TextField name={[field.name, 'text']} label={t('files.questionZh')} required max={200} />
                <TextField name={[field.name, 'textEn']} label={t('files.questionEn')} required max={200} />
              </Fields>
              <AnswerFields question={field.name} />
            </div>
          ))}
          <Button
            disabled={fields.length >= questionsMax}
            onClick={() => list.add({ id: newId(), text: '', textEn: '', answers: [newAnswer(), newAnswer()] })}
          >
            {t('files.addQuestion')}
          </Button>
        </section>
      )}
    </Form.List>
  )
}

function AnswerFields({ question }: { question: number }) {
  const { t } = useTranslation()
  return (
    <Form.List name={[question, 'answers']}>
      {(fields, list) => (
        <ol aria-label={t('files.answers')}>
          {fields.map((field, i) => (
            <li key={field.key} className="answer-fields">
              <div className="spread">
                <span>
                  <kbd>{i + 1}</kbd> {t('files.answerN', { n: i + 1 })}
                </span>
                <MoveButtons field={field} i={i} count={fields.length} list={list} least={answersMin} />
              </div>
              <Fields>
                <TextField name={[field.name, 'text']} label={t('files.answerZh')} required max={120} />
                <TextField name={[field.name, 'textEn']} label={t('files.answerEn')} required max={120} />
                <WordField
                  name={[field.name, 'priority']}
                  label={t('files.raisesTo')}
                  list={[1, 2, 3, 4, 5]}
                  words="class"
                  clear
                />
                <WordField
                  name={[field.name, 'advise']}
                  label={t('files.advises')}
                  list={['120', '110', '119']}
                  words="advise"
                  clear
                />
              </Fields>
            </li>
          ))}
          <Button size="small" disabled={fields.length >= answersMax} onClick={() => list.add(newAnswer())}>
            {t('files.addAnswer')}
          </Button>
        </ol>
      )}
    </Form.List>
  )
}

function MoveButtons({
  field,
  i,
  count,
  list,
  least,
}: {
  field: FormListFieldData
  i: number
  count: number
  list: FormListOperation
  least: number
}) {
  const { t } = useTranslation()
  return (
    <span className="row" style={{ gap: 4 }}>
      <Button size="small" aria-label={t('files.earlier')} disabled={i === 0} onClick={() => list.move(i, i - 1)}>
        ↑
      </Button>
      <Button size="small" aria-label={t('files.later')} disabled={i === count - 1} onClick={() => list.move(i, i + 1)}>
        ↓
      </Button>
      <Button size="small" danger disabled={count <= least} onClick={() => list.remove(field.name)}>
        {t('files.remove')}
      </Button>
    </span>
  )
}
