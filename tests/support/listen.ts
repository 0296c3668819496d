import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/**
 * Runs in the page before its own code: keeps a meter at everything that comes in, and lets the browser leave the sound as
 * it is, since cleaning distorts a tone.
 */
export function listenIn(): void {
  localStorage.setItem('yihu.sound', JSON.stringify({ cleaned: false }))
  const page = window as unknown as { meters: AnalyserNode[]; RTCPeerConnection: typeof RTCPeerConnection }
  page.meters = []
  const context = new AudioContext()
  page.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(given?: RTCConfiguration) {
      super(given)
      this.addEventListener('track', ({ track }) => {
        const meter = context.createAnalyser()
        meter.fftSize = 8_192
        meter.smoothingTimeConstant = 0
        context.createMediaStreamSource(new MediaStream([track])).connect(meter)
        void context.resume()
        page.meters = [meter]
      })
    }
  }
}

// Between somebody's own tone and the rest lie 40 dB and more; music and prompts stay below this at the tones of the tests.
const heardAboveDb = -55

/** Which of these tones this page hears now. */
export async function hears(page: Page, tones: number[]): Promise<number[]> {
  const levels = await page.evaluate((asked) => {
    const [meter] = (window as unknown as { meters: AnalyserNode[] }).meters
    if (!meter) return asked.map(() => -200)
    const spectrum = new Float32Array(meter.frequencyBinCount)
    meter.getFloatFrequencyData(spectrum)
    return asked.map((hz) => {
      const bin = Math.round((hz * meter.fftSize) / meter.context.sampleRate)
      return Math.max(...spectrum.slice(bin - 2, bin + 3))
    })
  }, tones)
  return tones.filter((_, i) => (levels[i] ?? -200) > heardAboveDb)
}

/** Waits until this page hears exactly these of the tones, and still does a moment later. */
export async function hearsExactly(page: Page, wanted: number[], tones: number[]): Promise<void> {
  let before: number[] = [-1]
  await expect
    .poll(
      async () => {
        const now = await hears(page, tones)
        const steady = now.join() === before.join()
        before = now
        return steady ? now : [-1]
      },
      { timeout: 15_000, interval: 300 },
    )
    .toEqual(wanted)
}
