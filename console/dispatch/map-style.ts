import type Feature from 'ol/Feature.js'
import type { FeatureLike } from 'ol/Feature.js'
import LineString from 'ol/geom/LineString.js'
import type Point from 'ol/geom/Point.js'
import { Circle, Fill, Stroke, Style, Text } from 'ol/style.js'
import type { Theme } from '../lib/theme.ts'

const font = '12px "PingFang SC", "Microsoft YaHei", "Noto Sans SC Variable", sans-serif'
const colours = {
  light: {
    block: '#eceff3',
    park: '#d9efdf',
    river: '#a9cdf5',
    street: '#ffffff',
    edge: '#b9c3ce',
    text: '#4b5866',
    halo: '#ffffff',
    mark: '#0b57c4',
    home: '#b3161b',
    asked: '#8a4b00',
    coming: '#11643a',
    on: '#ffffff',
  },
  dark: {
    block: '#222c36',
    park: '#1c3a2a',
    river: '#1d4368',
    street: '#34414d',
    edge: '#4a5866',
    text: '#b3bfcb',
    halo: '#161d25',
    mark: '#74aefc',
    home: '#ff8f8c',
    asked: '#f4b860',
    coming: '#6fd39b',
    on: '#0f141a',
  },
} as const

/** The schematic town: quiet, so that people stand out. */
export function townStyle(theme: Theme) {
  const colour = colours[theme]
  const label = (text: string, size = font) =>
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
          text: label(name, `bold ${font}`),
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

/**
 * A mark, drawn where `spread` put it (dx, dy in pixels, up is positive), with a thin line to where it really is. Whoever
 * was asked carries name and status; the others carry their number in the list.
 */
export function markStyle(feature: Feature, theme: Theme, resolution: number): Style[] {
  const colour = colours[theme]
  const kind = String(feature.get('kind'))
  const [dx, dy] = [Number(feature.get('dx') ?? 0), Number(feature.get('dy') ?? 0)]
  const fill =
    { place: colour.home, home: colour.text, asked: colour.asked, coming: colour.coming }[kind] ?? colour.mark
  const zIndex = { place: 10, home: 9, coming: 8, asked: 7 }[kind] ?? 5
  const at = (feature.getGeometry() as Point).getCoordinates()
  const name = String(feature.get('name') ?? '')
  const styles = [
    new Style({
      image: new Circle({
        radius: kind === 'place' ? 11 : 10,
        fill: new Fill({ color: fill }),
        stroke: new Stroke({ color: colour.on, width: 2 }),
        displacement: [dx, dy],
      }),
      text: new Text({
        text: String(feature.get('label')),
        font: `bold ${font}`,
        fill: new Fill({ color: colour.on }),
        offsetX: dx,
        offsetY: 1 - dy,
      }),
      zIndex,
    }),
  ]
  if (name)
    styles.push(
      new Style({
        text: new Text({
          text: name,
          font: `bold ${font}`,
          fill: new Fill({ color: fill }),
          stroke: new Stroke({ color: colour.halo, width: 4 }),
          textAlign: 'left',
          offsetX: dx + 14,
          offsetY: 1 - dy,
        }),
        zIndex,
      }),
    )
  if (Math.hypot(dx, dy) > 3)
    styles.push(
      new Style({
        geometry: new LineString([at, [(at[0] ?? 0) + dx * resolution, (at[1] ?? 0) + dy * resolution]]),
        stroke: new Stroke({ color: fill, width: 1.5 }),
        zIndex: 1,
      }),
    )
  return styles
}
