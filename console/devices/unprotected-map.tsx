import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import Feature from 'ol/Feature.js'
import GeoJSON from 'ol/format/GeoJSON.js'
import Point from 'ol/geom/Point.js'
import VectorLayer from 'ol/layer/Vector.js'
import OlMap from 'ol/Map.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import { Circle, Fill, RegularShape, Stroke, Style } from 'ol/style.js'
import View from 'ol/View.js'
import 'ol/ol.css'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dispatchRoutes } from '../../server/contracts/dispatch.ts'
import {
  unprotectedRoutes as api,
  type UnprotectedMap,
  unprotectedReasons,
} from '../../server/contracts/unprotected.ts'
import { call } from '../lib/api.ts'
import { type Theme, useTheme } from '../lib/theme.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { townStyle } from '../ui/town-style.ts'
import { corners, type Reason, reasonColours, shapes } from './reason-marks.ts'
import './unprotected.css'

const radius = 8

/** One style a reason, drawn once and used for all points. */
function stylesOf(theme: Theme): Map<string, Style> {
  const colours = reasonColours[theme]
  return new Map(
    unprotectedReasons.map((reason, i) => {
      const { points, turned, inner } = shapes[reason]
      const look = {
        radius,
        fill: new Fill({ color: colours[reason] }),
        stroke: new Stroke({ color: colours.edge, width: 1.5 }),
      }
      const image =
        points === 0
          ? new Circle({ ...look, radius: radius * 0.75 })
          : new RegularShape({
              ...look,
              points,
              angle: turned,
              ...(inner !== undefined && { radius2: radius * inner }),
            })
      // The gravest lies on top.
      return [reason, new Style({ image, zIndex: unprotectedReasons.length - i })]
    }),
  )
}

/** Where they live, by the gravest reason of each. Whoever works by keyboard or by ear has the same people in the list. */
export function UnprotectedMapView({ reason }: { reason: Reason | undefined }) {
  const { t } = useTranslation()
  const { data, error } = useQuery({
    queryKey: ['unprotected', 'map', reason],
    queryFn: () => call(api.unprotectedMap, { query: { ...(reason && { reason }) } }),
    refetchInterval: 30_000,
  })
  return (
    <section className="stack" aria-label={t('unprotected.map')} style={{ marginTop: 14 }}>
      <Legend />
      {error && <ErrorNote error={error} />}
      {data && <Canvas items={data.items} />}
      {data && data.more > 0 && <p className="chip amber">{t('unprotected.mapMore', { n: data.more })}</p>}
    </section>
  )
}

function Legend() {
  const { t } = useTranslation()
  const colours = reasonColours[useTheme()]
  return (
    <ul className="row legend" aria-label={t('unprotected.legend')}>
      {unprotectedReasons.map((reason) => {
        const points = corners(reason, 16)
        return (
          <li key={reason} className="row" style={{ gap: 4 }}>
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill={colours[reason]}>
              {points ? <polygon points={points} /> : <circle cx="8" cy="8" r="6" />}
            </svg>
            {t(`unprotected.reason.${reason}`)}
          </li>
        )
      })}
    </ul>
  )
}

function Canvas({ items }: { items: UnprotectedMap['items'] }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const theme = useTheme()
  const box = useRef<HTMLDivElement>(null)
  const [named, setNamed] = useState<string>()
  const [source] = useState(() => new VectorSource<Feature<Point>>())
  const [view] = useState(() => new View({ center: [0, 0], zoom: 13, maxZoom: 18.5, minZoom: 9 }))
  const fitted = useRef(false)
  const { data: town } = useQuery({
    queryKey: ['map'],
    queryFn: () => call(dispatchRoutes.map),
    staleTime: Number.POSITIVE_INFINITY,
  })
  useEffect(() => {
    if (!box.current || !town) return
    const features = new GeoJSON().readFeatures(town, { featureProjection: 'EPSG:3857' })
    const styles = stylesOf(theme)
    const drawn = new OlMap({
      target: box.current,
      controls: [],
      layers: [
        new VectorLayer({ source: new VectorSource({ features }), style: townStyle(theme), declutter: true }),
        new VectorLayer({ source, style: (feature) => styles.get(String(feature.get('reason'))) }),
      ],
      view,
    })
    const at = (pixel: number[]) => drawn.forEachFeatureAtPixel(pixel, (feature) => feature, { hitTolerance: 4 })
    drawn.on('pointermove', (event) => setNamed(at(event.pixel)?.get('name') as string | undefined))
    drawn.on('singleclick', (event) => {
      const id = at(event.pixel)?.get('residentId') as string | undefined
      if (id) void navigate({ to: '/residents', search: { id } })
    })
    return () => drawn.setTarget(undefined)
  }, [town, theme, source, view, navigate])
  useEffect(() => {
    source.clear()
    source.addFeatures(
      items.map(
        ({ lat, lon, residentId, name, reasons }) =>
          new Feature({ geometry: new Point(fromLonLat([lon, lat])), residentId, name, reason: reasons[0] }),
      ),
    )
    const extent = source.getExtent()
    // Once somebody has seen it, it stays where they moved it.
    if (!fitted.current && extent && items.length > 0 && box.current) {
      fitted.current = true
      const { clientWidth, clientHeight } = box.current
      view.fit(extent, { padding: [30, 30, 30, 30], maxZoom: 16, size: [clientWidth, clientHeight] })
    }
  }, [items, source, view])
  const zoom = (by: number) => () => view.animate({ zoom: (view.getZoom() ?? 13) + by, duration: 150 })
  return (
    <div className="map unprotected-map">
      <div
        ref={box}
        role="img"
        aria-label={t('unprotected.mapOf', { n: items.length })}
        style={{ position: 'absolute', inset: 0 }}
      />
      {named && <span className="map-note">{named}</span>}
      <span className="map-zoom">
        <button type="button" className="btn" aria-label={t('dispatch.zoomIn')} onClick={zoom(1)}>
          +
        </button>
        <button type="button" className="btn" aria-label={t('dispatch.zoomOut')} onClick={zoom(-1)}>
          −
        </button>
      </span>
    </div>
  )
}
