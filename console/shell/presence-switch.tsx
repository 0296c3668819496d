import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { queueRoutes as api, type PresenceView } from '../../server/contracts/queue.ts'
import { breakReasons } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { useSignedIn } from '../lib/session.ts'
import { onPush } from '../lib/socket.ts'
import { ErrorNote } from '../ui/marks.tsx'

type Said = { status: 'available' | 'break' | 'away'; reason?: (typeof breakReasons)[number] }

export function usePresence() {
  const client = useQueryClient()
  useEffect(() => {
    const offs = (['presence.changed', 'incident.changed'] as const).map((name) =>
      onPush(
        name,
        () =>
          void client.invalidateQueries({ queryKey: ['presence'], refetchType: 'active' }, { cancelRefetch: false }),
      ),
    )
    return () => {
      for (const off of offs) off()
    }
  }, [client])
  return useQuery({
    queryKey: ['presence'],
    queryFn: () => call(api.presence),
    refetchInterval: 15_000,
    staleTime: 1_000,
  })
}

/** What I am: available, on a break for a reason, away. On a call and in wrap-up follow from what I have in hand. */
export function PresenceSwitch() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const client = useQueryClient()
  const menu = useRef<HTMLDetailsElement>(null)
  const { data } = usePresence()
  const mine: PresenceView | undefined = data?.items.find((one) => one.id === me.id)
  const set = useMutation({
    mutationFn: (body: Said) => call(api.setPresence, { body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['presence'] }),
  })
  const status = mine?.status ?? 'away'
  const choose = (body: Said) => {
    menu.current?.removeAttribute('open')
    set.mutate(body)
  }
  return (
    <details className="menu" ref={menu}>
      <summary className="btn">
        <span className={`dot ${status}`} aria-hidden="true" />
        {t(`words.presence.${status}`)}
        {mine?.reason && status === 'break' && <span className="muted">{t(`words.break.${mine.reason}`)}</span>}
        <span aria-hidden="true">▾</span>
      </summary>
      <div className="menu-list">
        <button type="button" className="btn quiet" onClick={() => choose({ status: 'available' })}>
          {t('words.presence.available')}
        </button>
        {breakReasons.map((reason) => (
          <button type="button" className="btn quiet" key={reason} onClick={() => choose({ status: 'break', reason })}>
            {t('shell.breakFor', { reason: t(`words.break.${reason}`) })}
          </button>
        ))}
        <button type="button" className="btn quiet" onClick={() => choose({ status: 'away' })}>
          {t('words.presence.away')}
        </button>
      </div>
      {set.error && <ErrorNote error={set.error} />}
    </details>
  )
}
