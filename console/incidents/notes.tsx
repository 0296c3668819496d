import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { incidentRoutes as api } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { useDraft } from '../lib/drafts.ts'
import { focusAtEnd, useKeys } from '../lib/keys.ts'
import { sends } from '../lib/pressed.ts'
import { useSignedIn } from '../lib/session.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { useCommand } from './detail.ts'

/** A note for the timeline. What is typed is kept until the server has it, whatever happens to the network or the page. */
export function Notes({ id }: { id: string }) {
  const { t } = useTranslation()
  const [text, setText] = useDraft(useSignedIn().id, id)
  const save = useCommand((said: string) => call(api.note, { params: { id }, body: { text: said } }))
  const send = () => text.trim() && !save.isPending && save.mutate(text, { onSuccess: () => setText('') })
  const field = useRef<HTMLTextAreaElement>(null)
  useKeys([{ key: ';', does: 'keys.note', run: () => focusAtEnd(field.current) }])
  return (
    <section className="card stack">
      <label>
        <span className="section-title">
          {t('incident.note')} <kbd>;</kbd>
        </span>
        <textarea
          ref={field}
          className="field"
          value={text}
          maxLength={2000}
          placeholder={t('incident.noteHint')}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => sends(event) && send()}
        />
      </label>
      <div className="row">
        <button type="button" className="btn" disabled={!text.trim() || save.isPending} onClick={send}>
          {t('incident.saveNote')} <kbd>Ctrl ↵</kbd>
        </button>
        {text.trim() && <span className="chip amber">{t('incident.unsaved')}</span>}
      </div>
      {save.error && <ErrorNote error={save.error} retry={send} />}
    </section>
  )
}
