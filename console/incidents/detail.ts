import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { incidentRoutes as api, type IncidentRow } from '../../server/contracts/incidents.ts'
import { ApiError, call } from '../lib/api.ts'
import { board } from '../lib/board.ts'
import { onPush } from '../lib/socket.ts'

/** The screen pop and the timeline; asked again when a push says that this incident has changed. */
export function useDetail(id: string, open: boolean) {
  const client = useQueryClient()
  useEffect(() => {
    const again = () => {
      void client.invalidateQueries({ queryKey: ['incident', id] })
    }
    const offs = [
      onPush('incident.changed', (push) => push.id === id && again()),
      onPush<{ incidentId: string }>('assignment.changed', (push) => push.row?.incidentId === id && again()),
    ]
    return () => {
      for (const off of offs) off()
    }
  }, [client, id])
  const detail = useQuery({
    queryKey: ['incident', id, 'detail'],
    queryFn: () => call(api.incident, { params: { id } }),
    enabled: open,
    retry: retryOutage,
  })
  const timeline = useQuery({
    queryKey: ['incident', id, 'timeline'],
    queryFn: () => call(api.timeline, { params: { id } }),
    enabled: open,
    retry: retryOutage,
  })
  return { detail, timeline }
}

/** A refusal stays a refusal; only an outage is worth another try. */
const retryOutage = (count: number, error: unknown) =>
  count < 5 && error instanceof ApiError && (error.code === 'no-connection' || error.code === 'outage')

/** A command on the incident: its answer is the new row, shown before any push comes. */
export function useCommand<Input>(run: (input: Input) => Promise<IncidentRow>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSuccess: (row) => {
      board.apply(row)
      void client.invalidateQueries({ queryKey: ['incident', row.id] })
    },
  })
}
