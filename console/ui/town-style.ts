import type { FeatureLike } from 'ol/Feature.js'
import { Fill, Stroke, Style, Text } from 'ol/style.js'
import type { Theme } from '../lib/theme.ts'

export const mapFont = '12px "PingFang SC", "Microsoft YaHei", "Noto Sans SC Variable", sans-serif'
const colours = {
  light: {
    block: '#eceff3',
    park: '#d9efdf',
    river: '#a9cdf5',
    street: '#ffffff',
    edge: '#b9c3ce',
    text: '#4b5866',
    halo: '#ffffff',
  },
  dark: {
    block: '#222c36',
    park: '#1c3a2a',
    river: '#1d4368',
    street: '#34414d',
    edge: '#4a5866',
    text: '#b3bfcb',
    halo: '#161d25',
  },
} as const

/** The schematic town: quiet, so that people stand out. */
export function townStyle(theme: Theme) {
  const colour = colours[theme]
  const label = (text: string, size = mapFont) =>
    new Text({
      text,
      font: size,
      fill: new Fill({ color: colour.text }),
      stroke: new Stroke({ color: colour.halo, width: 3 }),
    })
  return (feature: FeatureLike): Style | undefined => {
    const name = String(feature.get('name') ?? '')
    switch (feature.get('kind')) {
      case 'block':
        return new Style({ fill: new Fill({ color: colour.block }) })
      case 'park':
        return new Style({ fill: new Fill({ color: colour.park }) })
      case 'river':
        return new Style({ stroke: new Stroke({ color: colour.river, width: 22 }), text: label(name) })
      case 'community':
        return new Style({
          stroke: new Stroke({ color: colour.edge, width: 1.5, lineDash: [6, 5] }),
          text: label(name, `bold ${mapFont}`),
          zIndex: 2,
        })
      case 'street': {
        const text = label(name)
        text.setPlacement('line')
        return new Style({ stroke: new Stroke({ color: colour.street, width: 5 }), text })
      }
      default:
        return undefined
    }
  }
}
