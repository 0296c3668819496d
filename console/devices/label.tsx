import { Button, QRCode } from 'antd'
import { createPortal } from 'react-dom'
import { useTranslation } from 'react-i18next'
import type { DeviceView } from '../../server/contracts/devices.ts'
import { enrolment } from './enrol.ts'

/** A new key as a code to be read and a label to be printed; both are gone with this page. */
export function Label({ device, issued }: { device: DeviceView; issued: { key: string; server: string } }) {
  const { t } = useTranslation()
  const text = enrolment(device, issued, window.location.origin)
  const card = (
    <>
      <QRCode
        type="svg"
        value={text}
        aria-label={t('enrol.code')}
        size={168}
        marginSize={2}
        errorLevel="M"
        bordered={false}
        color="#000"
        bgColor="#fff"
      />
      <div>
        <p>
          <strong>{device.account}</strong>
        </p>
        <p>
          {t(`words.device.${device.kind}`)} · {t(`words.protocol.${device.protocol}`)}
        </p>
        {device.room && <p>{device.room}</p>}
        <p className="device-label-text">{text}</p>
      </div>
    </>
  )
  return (
    <div className="stack" style={{ alignItems: 'flex-start' }}>
      <div className="device-label">{card}</div>
      {createPortal(<div className="device-label on-paper">{card}</div>, document.body)}
      <Button onClick={() => window.print()}>{t('enrol.print')}</Button>
      <p className="muted">{t(device.kind === 'kiosk' ? 'enrol.kioskHow' : 'enrol.how')}</p>
    </div>
  )
}
