import { useCallback, useEffect, useState } from 'react'
import type { z } from 'zod'
import { kioskRoutes as api, type KioskCall } from '../../server/contracts/kiosk.ts'
import type { PromptLocale } from '../../server/contracts/voice.ts'
import { ApiError, call } from '../lib/api.ts'
import { onConnected } from '../lib/socket.ts'
import type { Wire } from './talk.ts'

export type KioskInfo = z.infer<(typeof api)['kiosk']['reply']>
export type Tile = KioskInfo['tiles'][number]

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

export const askKiosk = (key: string): Promise<KioskInfo> => call(api.kiosk, { headers: bearer(key) })
export const askCall = (key: string, id: string): Promise<KioskCall> =>
  call(api.kioskCall, { headers: bearer(key), params: { id } })

export function wireOf(key: string, locale: () => PromptLocale): Wire {
  const headers = bearer(key)
  return {
    begin: (line) => call(api.kioskWrite, { headers, body: { ...line, locale: locale() } }),
    look: (id) => askCall(key, id),
    write: (id, line) => call(api.kioskText, { headers, params: { id }, body: line }),
    end: (id) => call(api.kioskEnd, { headers, params: { id } }),
  }
}

// Also tells the devices page that this kiosk is alive.
const lookEveryMs = 60_000
const againAfterMs = 4_000

/** What this kiosk is; `faulty` says that the key is no longer known, undefined info that nobody has answered yet. */
export function useKiosk(key: string): { info: KioskInfo | undefined; faulty: boolean } {
  const [info, setInfo] = useState<KioskInfo>()
  const [faulty, setFaulty] = useState(false)
  const look = useCallback(async () => {
    try {
      setInfo(await askKiosk(key))
      setFaulty(false)
      return true
    } catch (error) {
      setFaulty(error instanceof ApiError && error.code === 'unknown-key')
      return false
    }
  }, [key])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let over = false
    const go = async () => {
      clearTimeout(timer)
      const well = await look()
      if (!over) timer = setTimeout(() => void go(), well ? lookEveryMs : againAfterMs)
    }
    void go()
    const off = onConnected(() => void go())
    return () => {
      over = true
      clearTimeout(timer)
      off()
    }
  }, [look])
  return { info, faulty }
}
