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
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { dispatchRoutes, type Helper } from '../../server/contracts/dispatch.ts'
import type { IncidentDetail } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { useTheme } from '../lib/theme.ts'
import { useHelpers } from './helpers.tsx'
import { markStyle, townStyle } from './map-style.ts'

type Place = { lat: number; lon: number }

const at = ({ lat, lon }: Place) => new Point(fromLonLat([lon, lat]))

/** Where it is and who is near, numbered as ranked. Everything on it stands in the list beside it in words. */
export function HelpersMap({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  const { helpers } = useHelpers(detail)
  const box = useRef<HTMLDivElement>(null)
  const theme = useTheme()
  const { data: town } = useQuery({
    queryKey: ['map'],
    queryFn: () => call(dispatchRoutes.map),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const marks = useRef(new VectorSource())
  const { position } = detail
  const lat = position?.lat
  const lon = position?.lon
  useEffect(() => {
    if (!box.current || !town || lat === undefined || lon === undefined) return
    let map: OlMap | undefined
    let gone = false
    const features = new GeoJSON().readFeatures(town, { featureProjection: 'EPSG:3857' })
    const labels = features.map((feature) => String(feature.get('name') ?? '')).join('')
    // The canvas draws a label once: the font must be there before.
    void document.fonts.load('12px "Noto Sans SC Variable"', labels).finally(() => {
      if (gone || !box.current) return
      map = new OlMap({
        target: box.current,
        controls: [],
        layers: [
          new VectorLayer({ source: new VectorSource({ features }), style: townStyle(theme), declutter: true }),
          new VectorLayer({ source: marks.current, style: (feature) => markStyle(feature as Feature, theme) }),
        ],
        view: new View({ center: fromLonLat([lon, lat]), zoom: 15.4, maxZoom: 19, minZoom: 12 }),
      })
    })
    return () => {
      gone = true
      map?.setTarget(undefined)
    }
  }, [town, theme, lat, lon])
  useEffect(() => {
    if (lat === undefined || lon === undefined) return
    marks.current.clear()
    marks.current.addFeatures(featuresOf({ lat, lon }, helpers))
  }, [helpers, lat, lon])
  if (!position) return <p className="card muted">{t('dispatch.noPlace')}</p>
  return (
    <section aria-label={t('dispatch.map')}>
      <div className="map" role="img" aria-label={t('dispatch.mapOf', { n: helpers.length })}>
        <div ref={box} style={{ position: 'absolute', inset: 0 }} />
        <span className="map-note">
          {t(position.source === 'device' ? 'dispatch.fromDevice' : 'dispatch.fromHome')}
        </span>
      </div>
    </section>
  )
}

function featuresOf(place: Place, helpers: Helper[]): Feature[] {
  const home = new Feature({ geometry: at(place), kind: 'home' })
  return [
    ...helpers
      .map((helper, i) => new Feature({ geometry: at(helper), kind: 'helper', label: String(i + 1) }))
      .reverse(),
    home,
  ]
}
