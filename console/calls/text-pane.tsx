import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { callRoutes as api, type CallText, type CallView } from '../../server/contracts/calls.ts'
import { call as ask } from '../lib/api.ts'
import { useComposition } from '../lib/composition.ts'
import { useDraft } from '../lib/drafts.ts'
import { focusAtEnd, useKeys } from '../lib/keys.ts'
import { useSignedIn } from '../lib/session.ts'
import { useTelling, useTyped } from '../lib/typing.ts'
import { ErrorNote, When } from '../ui/marks.tsx'
import { apply, sawTexts } from './live.ts'

/** A conversation in writing. What is typed is kept until it is stored; sending twice on a slow line stores it once. */
export function TextPane({ call, writes, mine }: { call: CallView; writes: boolean; mine: boolean }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const queryKey = ['incident', call.incidentId, 'calls', call.id, 'texts', call.version]
  const { data } = useQuery({
    queryKey,
    queryFn: () => ask(api.callTexts, { params: { id: call.id } }),
    placeholderData: (before) => before,
  })
  const lines = data?.items ?? []
  const end = useRef<HTMLLIElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line is scrolled to
  useEffect(() => end.current?.scrollIntoView({ block: 'nearest' }), [lines.length])
  useEffect(() => sawTexts(call.id, call.version), [call.id, call.version])
  const answer = useMutation({
    mutationFn: () => ask(api.answerCall, { params: { id: call.id }, body: {} }),
    onSuccess: apply,
  })
  const hangUp = useMutation({
    mutationFn: () => ask(api.hangUpCall, { params: { id: call.id }, body: {} }),
    onSuccess: (ended) => {
      apply(ended)
      void client.invalidateQueries({ queryKey: ['incident', call.incidentId] })
    },
  })
  return (
    <div className="stack text-pane">
      <ol className="text-lines" aria-live="polite" aria-label={t('calls.texts')}>
        {lines.map((line) => (
          <li key={line.n} className={line.side}>
            <span className="sr-only">{t(`calls.side.${line.side}`)}</span>
            <span>{line.text || (line.media === 0 && t('calls.message.empty'))}</span>
            <When at={line.at} />
            <LineState line={line} />
          </li>
        ))}
        <li ref={end} aria-hidden="true" />
      </ol>
      {call.status !== 'ended' && <Typed callId={call.id} lines={lines.length} />}
      {writes && <Writer call={call} queryKey={queryKey} />}
      <div className="row">
        {mine && !writes && call.status !== 'ended' && (
          <button type="button" className="btn primary" onClick={() => answer.mutate()}>
            {t('calls.answer')} <kbd>Y</kbd>
          </button>
        )}
        {writes && (
          <button type="button" className="btn" onClick={() => hangUp.mutate()}>
            {t('calls.endText')}
          </button>
        )}
      </div>
      {(answer.error ?? hangUp.error) && <ErrorNote error={answer.error ?? hangUp.error} />}
    </div>
  )
}

/** Of a conversation by message: how far our line came, and what to do when it did not; that pictures came which nobody sees. */
function LineState({ line }: { line: CallText }) {
  const { t } = useTranslation()
  if (line.media > 0) return <em className="line-state">{t('calls.message.media', { count: line.media })}</em>
  if (!line.state) return null
  if (line.state !== 'failed') return <em className="line-state">{t(`calls.message.${line.state}`)}</em>
  return (
    <strong className="line-state failed" role="alert">
      {t(`calls.message.refused.${line.failedBecause ?? 'not-reachable'}`)}
    </strong>
  )
}

/** What they are typing just now; not read aloud, since it changes with each letter. */
function Typed({ callId, lines }: { callId: string; lines: number }) {
  const { t } = useTranslation()
  const text = useTyped(callId, lines)
  return (
    <p className="typed" data-testid="typed">
      {text && (
        <>
          <span className="muted">{t('calls.typing')}</span> {text}
        </>
      )}
    </p>
  )
}

function Writer({ call, queryKey }: { call: CallView; queryKey: unknown[] }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [text, setText] = useDraft(useSignedIn().id, `text:${call.id}`)
  const [clientId, setClientId] = useState(() => crypto.randomUUID())
  const field = useRef<HTMLInputElement>(null)
  const send = useMutation({
    mutationFn: () => ask(api.writeText, { params: { id: call.id }, body: { clientId, text } }),
    onSuccess: () => {
      setText('')
      setClientId(crypto.randomUUID())
      void client.invalidateQueries({ queryKey })
    },
  })
  const choosing = useComposition()
  useTelling(call.id, text, choosing.now)
  useKeys([{ key: 'w', does: 'keys.write', run: () => focusAtEnd(field.current) }])
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() && !send.isPending) send.mutate()
      }}
    >
      <input
        ref={field}
        className="field"
        style={{ flex: 1 }}
        value={text}
        maxLength={1000}
        aria-label={t('calls.write')}
        placeholder={t('calls.write')}
        onChange={(event) => setText(event.target.value)}
        {...choosing.field}
      />
      <kbd>W</kbd>
      <button type="submit" className="btn primary" disabled={!text.trim() || send.isPending}>
        {t('calls.send')}
      </button>
      {send.error && <ErrorNote error={send.error} />}
    </form>
  )
}
