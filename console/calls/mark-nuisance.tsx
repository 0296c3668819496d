import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { hotlineRoutes as api } from '../../server/contracts/hotlines.ts'
import { call as ask } from '../lib/api.ts'
import { ReasonForm } from '../ui/reason-form.tsx'

const oneDay = 24

/** For a supervisor, on an ended call: its number is marked for a day, with a reason. */
export function MarkNuisance({ callId }: { callId: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const mark = useMutation({
    mutationFn: (reason: string) => ask(api.markNuisance, { params: { id: callId }, body: { reason, hours: oneDay } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['nuisances'] }),
  })
  if (mark.data) return <p className="muted">{t('calls.nuisance.marked')}</p>
  return (
    <details>
      <summary>{t('calls.nuisance.mark')}</summary>
      <ReasonForm
        ask={t('calls.nuisance.why')}
        button={t('calls.nuisance.markIt')}
        run={mark.mutate}
        pending={mark.isPending}
        error={mark.error}
      />
    </details>
  )
}
