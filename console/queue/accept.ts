import { useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useState } from 'react'
import { incidentRoutes } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { board } from '../lib/board.ts'
import { clearTheWay } from '../lib/front.ts'
import { dropOffersOf } from './live.ts'

const saidForMs = 8_000

/** Takes an incident and opens it on the board, from whatever page; a colleague who was faster is said for a moment. */
export function useAccept(): { accept: (id: string) => void; error: unknown } {
  const navigate = useNavigate()
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    if (error === undefined) return
    const timer = setTimeout(() => setError(undefined), saidForMs)
    return () => clearTimeout(timer)
  }, [error])
  const accept = useCallback(
    async (id: string) => {
      setError(undefined)
      dropOffersOf(id)
      try {
        board.apply(await call(incidentRoutes.answer, { params: { id }, body: {} }))
        clearTheWay()
        // No form asks first whether it may be left: what was typed in it is kept.
        await navigate({ to: '/', search: { incident: id }, ignoreBlocker: true })
      } catch (fault) {
        setError(fault)
      }
    },
    [navigate],
  )
  return { accept, error }
}
