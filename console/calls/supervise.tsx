import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { callRoutes as api, type CallRow, listenModes } from '../../server/contracts/calls.ts'
import { call as ask } from '../lib/api.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { apply, join, useJoined } from './live.ts'

/** For a supervisor, at a conversation of an operator: listen, coach, join in. The mode that is on is pressed. */
export function Supervise({ call }: { call: CallRow }) {
  const { t } = useTranslation()
  const inIt = useJoined().includes(call.id)
  const run = useMutation({
    mutationFn: (mode: (typeof listenModes)[number]) =>
      ask(api.superviseCall, { params: { id: call.id }, body: { mode } }),
    onSuccess: (row) => {
      apply(row)
      join(row.id)
    },
  })
  return (
    <fieldset className="row supervise" aria-label={t('calls.supervise.listen')}>
      {listenModes.map((mode) => (
        <button
          type="button"
          key={mode}
          className={`btn ${inIt && run.variables === mode ? 'on' : ''}`}
          aria-pressed={inIt && run.variables === mode}
          disabled={run.isPending}
          onClick={() => run.mutate(mode)}
        >
          {t(`calls.supervise.${mode}`)}
        </button>
      ))}
      {inIt && run.variables && <span className="muted">{t(`calls.supervise.now.${run.variables}`)}</span>}
      {run.error && <ErrorNote error={run.error} />}
    </fieldset>
  )
}
