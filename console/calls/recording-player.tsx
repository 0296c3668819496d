import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { callRoutes as api, type RecordingView } from '../../server/contracts/calls.ts'
import { call as ask } from '../lib/api.ts'
import { may, useSignedIn } from '../lib/session.ts'
import { clockIn } from '../lib/zone.ts'
import { clockText, ErrorNote } from '../ui/marks.tsx'
import { ReasonForm } from '../ui/reason-form.tsx'

/** Above the caller, below the others; played on a click, and each hearing is in the audit. */
export function RecordingPlayer({ recording }: { recording: RecordingView }) {
  const { t, i18n } = useTranslation()
  const me = useSignedIn()
  const [open, setOpen] = useState(false)
  if (recording.deletedAt) return <p className="muted">{t('calls.recordingDeleted')}</p>
  const until =
    recording.expiresAt && clockIn(i18n.language, { dateStyle: 'short' }).format(new Date(recording.expiresAt))
  return (
    <div className="stack recording">
      <div className="row">
        <button type="button" className="btn quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('calls.recording')} <span className="num">{clockText(recording.durationMs)}</span>
        </button>
        <span className="muted">{t('calls.keptUntil', { date: until })}</span>
      </div>
      {open && <Wave id={recording.id} />}
      {open && may(me, 'supervise') && <Delete id={recording.id} />}
    </div>
  )
}

function Wave({ id }: { id: string }) {
  const { t } = useTranslation()
  const audio = useRef<HTMLAudioElement>(null)
  const [at, setAt] = useState(0)
  const { data, error } = useQuery({
    queryKey: ['waveform', id],
    queryFn: () => ask(api.waveform, { params: { id } }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (error) return <ErrorNote error={error} />
  if (!data) return <p className="muted">{t('ui.loading')}</p>
  const width = data.left.length
  return (
    <>
      <svg
        viewBox={`0 0 ${width} 64`}
        preserveAspectRatio="none"
        className="wave"
        role="img"
        aria-label={t('calls.waveform')}
      >
        {data.left.map((peak, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place is what a bar is
          <rect key={`l${i}`} x={i} width={0.8} y={32 - peak * 31} height={peak * 31 + 0.4} className="caller" />
        ))}
        {data.right.map((peak, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place is what a bar is
          <rect key={`r${i}`} x={i} width={0.8} y={32} height={peak * 31 + 0.4} className="others" />
        ))}
        <rect x={at * width} width={1} y={0} height={64} className="now" />
      </svg>
      {/* biome-ignore lint/a11y/useMediaCaption: a recorded telephone call has no captions */}
      <audio
        ref={audio}
        controls
        preload="none"
        src={`/api/v1/recordings/${id}/audio`}
        onTimeUpdate={() => setAt((audio.current?.currentTime ?? 0) / Math.max(0.1, data.durationMs / 1000))}
      />
    </>
  )
}

function Delete({ id }: { id: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: (reason: string) => ask(api.deleteRecording, { params: { id }, body: { reason } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['incident'] }),
  })
  return (
    <ReasonForm
      ask={t('calls.deleteReason')}
      button={t('calls.deleteRecording')}
      run={remove.mutate}
      pending={remove.isPending}
      error={remove.error}
      danger
      min={3}
    />
  )
}
