import { useEffect, useRef, useState } from 'react'
import { type Typing, typingEveryMs } from '../../server/contracts/realtime.ts'
import { hint, onSignal } from './socket.ts'

// Whoever stops in the middle may be thinking; whoever is gone for so long has left it.
const keptMs = 60_000
// A page that has just been opened, or missed one, knows it soon.
const againEveryMs = 2_000

/**
 * What the other side is typing now, in this conversation or (`any`) in the only one that this telephone has; forgotten when a line of the conversation comes, of which it mostly was
 * the beginning.
 */
export function useTyped(callId: string | 'any' | undefined, lines: number): string {
  const [text, setText] = useState('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line ends what was being typed
  useEffect(() => setText(''), [callId, lines])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const off = onSignal<Typing>('typing', (told) => {
      if (told.callId !== callId && callId !== 'any') return
      clearTimeout(timer)
      setText(told.text)
      timer = setTimeout(() => setText(''), keptMs)
    })
    return () => {
      off()
      clearTimeout(timer)
    }
  }, [callId])
  return text
}

/**
 * Tells the other side what is in the field, at most some three times a second; and again, for who comes later. While an input
 * method is choosing (`choosing`) the field holds raw letters that nobody wrote: the other side keeps what was told before.
 */
export function useTelling(callId: string | 'any' | undefined, typed: string, choosing: boolean): void {
  const settled = useRef(typed)
  if (!choosing) settled.current = typed
  const text = settled.current
  const toldAt = useRef(0)
  const told = useRef('')
  useEffect(() => {
    if (!callId || (text === '' && told.current === '')) return
    const tell = () => {
      toldAt.current = Date.now()
      told.current = text
      hint('typing', { ...(callId !== 'any' && { callId }), text })
    }
    const timer = setTimeout(tell, Math.max(0, toldAt.current + typingEveryMs - Date.now()))
    const again = text ? setInterval(tell, againEveryMs) : undefined
    return () => {
      clearTimeout(timer)
      clearInterval(again)
    }
  }, [callId, text])
}
