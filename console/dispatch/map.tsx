import { useQuery } from '@tanstack/react-query'
import Feature from 'ol/Feature.js'
import GeoJSON from 'ol/format/GeoJSON.js'
import Point from 'ol/geom/Point.js'
import VectorLayer from 'ol/layer/Vector.js'
import OlMap from 'ol/Map.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import View from 'ol/View.js'
import 'ol/ol.css'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dispatchRoutes, type Helper } from '../../server/contracts/dispatch.ts'
import type { IncidentDetail } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { useTheme } from '../lib/theme.ts'
import { townStyle } from '../ui/town-style.ts'
import { useHelpers } from './helpers.tsx'
import { markStyle } from './map-style.ts'
import { metresBetween, spread } from './spread.ts'

type Place = { lat: number; lon: number }
type Mark = Place & { kind: 'place' | 'home' | 'free' | 'asked' | 'coming'; label: string; name?: string }

const numbersMax = 8
const sameSpotM = 60
const warnBeyondM = 1000
// Further apart than this, home and device on one map would show neither.
const togetherMaxM = 4000
const marksApartPx = 25

/** Where it is, who is near, numbered as in the list, and who was asked, by name. All of it stands in the lists in words. */
export function HelpersMap({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  const { helpers } = useHelpers(detail)
  const { position } = detail
  if (!position) return <p className="card muted">{t('dispatch.noPlace')}</p>
  const home = detail.resident?.household
  const awayM = home && position.source === 'device' ? metresBetween(position, home) : 0
  const word = (helper: Helper) => `${helper.name} ${t(`words.assignment.${helper.asked}`)}`
  const marks: Mark[] = [
    { ...place(position), kind: 'place', label: '!' },
    ...(home && awayM > sameSpotM ? [{ ...place(home), kind: 'home' as const, label: '\u2302' }] : []),
    ...helpers.flatMap((helper): Mark[] => {
      if (['accepted', 'en-route', 'on-scene'].includes(helper.asked ?? ''))
        return [{ ...place(helper), kind: 'coming', label: '\u2713', name: word(helper) }]
      return helper.asked === 'requested' ? [{ ...place(helper), kind: 'asked', label: '?', name: word(helper) }] : []
    }),
    ...helpers
      .filter((helper) => helper.asked === null)
      .slice(0, numbersMax)
      .map((helper, i) => ({ ...place(helper), kind: 'free' as const, label: String(i + 1) })),
  ]
  return (
    <section className="map" aria-label={t('dispatch.map')}>
      <Canvas marks={marks} together={awayM <= togetherMaxM} />
      {awayM > warnBeyondM && (
        <span className="chip red map-warn">{t('dispatch.farFromHome', { km: (awayM / 1000).toFixed(1) })}</span>
      )}
      <span className="map-note">{t(position.source === 'device' ? 'dispatch.fromDevice' : 'dispatch.fromHome')}</span>
    </section>
  )
}

const place = ({ lat, lon }: Place): Place => ({ lat, lon })

function Canvas({ marks, together }: { marks: Mark[]; together: boolean }) {
  const { t } = useTranslation()
  const box = useRef<HTMLDivElement>(null)
  const theme = useTheme()
  const { data: town } = useQuery({
    queryKey: ['map'],
    queryFn: () => call(dispatchRoutes.map),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const [source] = useState(() => new VectorSource<Feature<Point>>())
  const [view] = useState(() => new View({ center: [0, 0], zoom: 15, maxZoom: 18.5, minZoom: 11 }))
  // Once somebody has moved the map it is theirs, until they ask for everything again.
  const touched = useRef(false)
  const map = useRef<OlMap>(undefined)

  useEffect(() => {
    if (!box.current || !town) return
    const features = new GeoJSON().readFeatures(town, { featureProjection: 'EPSG:3857' })
    const drawn = new OlMap({
      target: box.current,
      controls: [],
      layers: [
        new VectorLayer({ source: new VectorSource({ features }), style: townStyle(theme), declutter: true }),
        new VectorLayer({ source, style: (feature, resolution) => markStyle(feature as Feature, theme, resolution) }),
      ],
      view,
    })
    map.current = drawn
    drawn.on('pointerdrag', () => {
      touched.current = true
    })
    // The canvas draws a label once: it is drawn again when the font has come.
    const labels = features.map((feature) => String(feature.get('name') ?? '')).join('')
    void document.fonts.load('12px "Noto Sans SC Variable"', labels).finally(() => {
      for (const layer of drawn.getAllLayers()) layer.getSource()?.changed()
    })
    return () => drawn.setTarget(undefined)
  }, [town, theme, source, view])

  const what = JSON.stringify(marks)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text stands for the marks
  useEffect(() => {
    source.clear()
    source.addFeatures(
      marks.map(({ lat, lon, ...rest }) => new Feature({ geometry: new Point(fromLonLat([lon, lat])), ...rest })),
    )
    if (!touched.current) showAll()
    apart()
    const names = marks.map((mark) => mark.name ?? '').join('')
    void document.fonts.load('bold 12px "Noto Sans SC Variable"', names).then(() => source.changed())
  }, [what, town])
  useEffect(() => {
    view.on('change:resolution', apart)
    return () => view.un('change:resolution', apart)
  })

  /** Marks that lie on each other at this zoom are drawn beside each other; the first, the place, stays. */
  function apart(): void {
    const resolution = view.getResolution() ?? 1
    const features = source.getFeatures().sort((a, b) => rankOf(a) - rankOf(b))
    const points = features.map((feature) => {
      const [x = 0, y = 0] = feature.getGeometry()?.getCoordinates() ?? []
      return { x: x / resolution, y: y / resolution }
    })
    for (const [i, drawn] of spread(points, marksApartPx).entries())
      features[i]?.setProperties({ dx: drawn.x - (points[i]?.x ?? 0), dy: drawn.y - (points[i]?.y ?? 0) })
  }

  function showAll(): void {
    touched.current = false
    const shown = source
      .getFeatures()
      .filter((feature) => together || feature.get('kind') !== 'home')
      .flatMap((feature) => feature.getGeometry() ?? [])
    const extent = new VectorSource({ features: shown.map((geometry) => new Feature({ geometry })) }).getExtent()
    if (extent && shown.length > 0)
      view.fit(extent, { padding: [26, 44, 30, 26], maxZoom: 16.5, size: map.current?.getSize() ?? [360, 230] })
  }

  const zoom = (by: number) => () => {
    touched.current = true
    view.animate({ zoom: (view.getZoom() ?? 15) + by, duration: 150 })
  }
  return (
    <>
      <div
        ref={box}
        role="img"
        aria-label={t('dispatch.mapOf', { n: marks.filter(({ kind }) => kind !== 'place' && kind !== 'home').length })}
        style={{ position: 'absolute', inset: 0 }}
      />
      <span className="map-zoom">
        <button
          type="button"
          className="btn"
          aria-label={t('dispatch.zoomIn')}
          title={t('dispatch.zoomIn')}
          onClick={zoom(1)}
        >
          +
        </button>
        <button
          type="button"
          className="btn"
          aria-label={t('dispatch.zoomOut')}
          title={t('dispatch.zoomOut')}
          onClick={zoom(-1)}
        >
          −
        </button>
        <button
          type="button"
          className="btn"
          aria-label={t('dispatch.showAll')}
          title={t('dispatch.showAll')}
          onClick={showAll}
        >
          ⤢
        </button>
      </span>
    </>
  )
}

const order = ['place', 'home', 'coming', 'asked', 'free']
const rankOf = (feature: Feature): number => order.indexOf(String(feature.get('kind')))
