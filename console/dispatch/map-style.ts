import type Feature from 'ol/Feature.js'
import LineString from 'ol/geom/LineString.js'
import type Point from 'ol/geom/Point.js'
import { Circle, Fill, Stroke, Style, Text } from 'ol/style.js'
import type { Theme } from '../lib/theme.ts'
import { mapFont } from '../ui/town-style.ts'

const colours = {
  light: {
    text: '#4b5866',
    halo: '#ffffff',
    mark: '#0b57c4',
    home: '#b3161b',
    asked: '#8a4b00',
    coming: '#11643a',
    on: '#ffffff',
  },
  dark: {
    text: '#b3bfcb',
    halo: '#161d25',
    mark: '#74aefc',
    home: '#ff8f8c',
    asked: '#f4b860',
    coming: '#6fd39b',
    on: '#0f141a',
  },
} as const

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
        font: `bold ${mapFont}`,
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
          font: `bold ${mapFont}`,
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
