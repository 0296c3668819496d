import { useState } from 'react'

export type Composition = {
  now: boolean
  field: { onCompositionStart: () => void; onCompositionEnd: () => void; onBlur: () => void }
}

/** Is an input method choosing characters in this field? Until then what stands there is not what the person writes. */
export function useComposition(): Composition {
  const [now, setNow] = useState(false)
  const over = () => setNow(false)
  return { now, field: { onCompositionStart: () => setNow(true), onCompositionEnd: over, onBlur: over } }
}
