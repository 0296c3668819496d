/** The answer: `snu` 0 is understood. `mre` 1 asks the unit to call, at `tnu`, in both directions [alarm-devices.md 1.3]. */
export type ScaipAnswer = { ref: string; snu: number; ste?: string; voice?: { at: string } }

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escaped = (text: string) => text.replace(/[&<>]/g, (one) => escapes[one] as string)
const textMax = 128

export function writeScaip({ ref, snu, ste, voice }: ScaipAnswer): string {
  const tags: [string, string][] = [
    ['ref', ref],
    ['snu', String(snu)],
    ...(ste ? ([['ste', ste.slice(0, textMax)]] as [string, string][]) : []),
    // 62: call the address in `tnu`. Two makers take only one of those.
    ...(voice
      ? ([
          ['mre', '1'],
          ['cre', '62'],
          ['tnu', voice.at],
        ] as [string, string][])
      : []),
  ]
  return `<mrs>${tags.map(([tag, value]) => `<${tag}>${escaped(value)}</${tag}>`).join('')}</mrs>`
}
