import { useMutation, useQueryClient } from '@tanstack/react-query'
import { dispatchRoutes as api } from '../../server/contracts/dispatch.ts'
import { call } from '../lib/api.ts'
import { board } from '../lib/board.ts'

/** Sends helpers; the row that comes back is shown at once. */
export function useDispatch(incidentId: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: { responderIds?: string[] }) => call(api.dispatch, { params: { id: incidentId }, body }),
    onSuccess: ({ row }) => {
      board.apply(row)
      void client.invalidateQueries({ queryKey: ['incident', incidentId] })
    },
  })
}
