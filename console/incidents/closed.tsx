import { useTranslation } from 'react-i18next'
import type { IncidentDetail } from '../../server/contracts/incidents.ts'

export function ClosureSummary({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  return (
    <section className="card stack">
      <h3 style={{ margin: 0 }}>{t('incident.closed')}</h3>
      <p style={{ fontSize: 16, fontWeight: 600 }}>
        {detail.disposition ? t(`words.disposition.${detail.disposition}`) : ''}
      </p>
      {detail.note && <p style={{ whiteSpace: 'pre-wrap' }}>{detail.note}</p>}
      <p className="muted">{t('incident.staysClosed')}</p>
    </section>
  )
}
