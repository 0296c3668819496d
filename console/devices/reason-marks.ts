import type { unprotectedReasons } from '../../server/contracts/unprotected.ts'
import type { Theme } from '../lib/theme.ts'

export type Reason = (typeof unprotectedReasons)[number]

/** Corners of the mark of each reason; none is a circle. Colour and shape say the same, so that nobody depends on one of them. */
export const shapes: Record<Reason, { points: number; turned: number; inner?: number }> = {
  silent: { points: 4, turned: Math.PI / 4, inner: 0.4 },
  'never-activated': { points: 4, turned: 0 },
  'in-test': { points: 5, turned: 0, inner: 0.5 },
  'out-of-service': { points: 6, turned: 0 },
  'low-battery': { points: 4, turned: Math.PI / 4 },
  'no-contact': { points: 3, turned: 0 },
  untested: { points: 0, turned: 0 },
}
export const reasonColours: Record<Theme, Record<Reason, string> & { edge: string }> = {
  light: {
    silent: '#b3161b',
    'never-activated': '#5a3fb0',
    'in-test': '#00695c',
    'out-of-service': '#8c1d6b',
    'low-battery': '#8a4b00',
    'no-contact': '#0b57c4',
    untested: '#4b5866',
    edge: '#ffffff',
  },
  dark: {
    silent: '#ff8f8c',
    'never-activated': '#b7a4f7',
    'in-test': '#5fd1c0',
    'out-of-service': '#f29bd4',
    'low-battery': '#f4b860',
    'no-contact': '#74aefc',
    untested: '#b3bfcb',
    edge: '#0f141a',
  },
}

/** The corners of a mark around the middle of a square, as SVG wants them; undefined for a circle. Pure. */
export function corners(reason: Reason, size: number): string | undefined {
  const { points, turned, inner } = shapes[reason]
  if (points === 0) return undefined
  const middle = size / 2
  const count = inner === undefined ? points : points * 2
  return Array.from({ length: count }, (_, i) => {
    const radius = middle * (inner !== undefined && i % 2 === 1 ? inner : 1) * 0.95
    const angle = turned - Math.PI / 2 + (i * 2 * Math.PI) / count
    return `${(middle + radius * Math.cos(angle)).toFixed(1)},${(middle + radius * Math.sin(angle)).toFixed(1)}`
  }).join(' ')
}
