import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { callRoutes as api, type CallRow, type CallView } from '../../server/contracts/calls.ts'
import { call as ask } from '../lib/api.ts'
import { useKeys } from '../lib/keys.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { apply } from './live.ts'

/** The newest key of who cannot speak: 5 and 6 are the answer to our question, others are shown as they are. */
export function KeyedChip({ call }: { call: CallRow }) {
  const { t } = useTranslation()
  const last = call.lastKey
  if (!last) return null
  if (last === '5') return <strong className="chip red">{t('calls.keyHelp')}</strong>
  if (last === '6') return <strong className="chip">{t('calls.keyNoHelp')}</strong>
  return <span className="chip num">{t('calls.keyed', { keys: last })}</span>
}

/** What they pressed, and the question that can be answered by a key. */
export function Keyed({ call, talks }: { call: CallView; talks: boolean }) {
  const { t } = useTranslation()
  const run = useMutation({
    mutationFn: () => ask(api.askByKeys, { params: { id: call.id }, body: {} }),
    onSuccess: apply,
  })
  const asks = talks && call.status === 'answered'
  useKeys(asks ? [{ key: 'v', does: 'keys.askByKeys', run: () => run.mutate() }] : [])
  return (
    <div className="row" role="status">
      {asks && (
        <button type="button" className="btn" disabled={call.asking || run.isPending} onClick={() => run.mutate()}>
          {t(call.asking ? 'calls.asking' : 'calls.askByKeys')} <kbd>V</kbd>
        </button>
      )}
      <KeyedChip call={call} />
      {call.keyed.length > 1 && <span className="muted num">{t('calls.keyed', { keys: call.keyed })}</span>}
      {run.error && <ErrorNote error={run.error} />}
    </div>
  )
}
