/** Which microphone and loudspeaker, and whether the browser may clean the sound; kept for this machine. */
export type SoundChoice = { input: string; output: string; cleaned: boolean; volume: number }

const key = 'yihu.sound'
const usual: SoundChoice = { input: '', output: '', cleaned: true, volume: 1 }

export function soundChoice(): SoundChoice {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<SoundChoice>) }
  } catch {
    return usual
  }
}
export function chooseSound(change: Partial<SoundChoice>): void {
  localStorage.setItem(key, JSON.stringify({ ...soundChoice(), ...change }))
}

export type NoMicrophone = 'insecure' | 'unsupported' | 'denied' | 'no-microphone' | 'in-use'

/** Can this browser talk at all? Undefined when it can; else why not. */
export function whyNot(): NoMicrophone | undefined {
  if (!window.isSecureContext) return 'insecure'
  if (!navigator.mediaDevices?.getUserMedia || !('RTCPeerConnection' in window)) return 'unsupported'
  return undefined
}

/** Opens the chosen microphone, or the usual one when it is gone. Throws the reason. */
export async function openMicrophone(): Promise<MediaStream> {
  const no = whyNot()
  if (no) throw no
  const { input, cleaned } = soundChoice()
  const audio: MediaTrackConstraints = {
    echoCancellation: cleaned,
    noiseSuppression: cleaned,
    autoGainControl: cleaned,
    ...(input && { deviceId: { ideal: input } }),
  }
  try {
    return await navigator.mediaDevices.getUserMedia({ audio })
  } catch (error) {
    throw reasons[(error as DOMException).name] ?? 'denied'
  }
}

const reasons: Record<string, NoMicrophone> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'no-microphone',
  OverconstrainedError: 'no-microphone',
  NotReadableError: 'in-use',
}
