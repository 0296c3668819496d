import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Typography } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { deviceRoutes as api, type DeviceView } from '../../server/contracts/devices.ts'
import { call } from '../lib/api.ts'
import { ErrorNote, When } from '../ui/marks.tsx'
import { Label } from './label.tsx'

type Asking = 'issue' | 'revoke' | undefined

/** A new key is shown once; the old one stops working at once, so it is said whose button that is. */
export function Key({ device }: { device: DeviceView }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [asking, setAsking] = useState<Asking>()
  const read = () => void client.invalidateQueries({ queryKey: ['devices'] })
  const issue = useMutation({
    mutationFn: () => call(api.issueDeviceKey, { params: { id: device.id } }),
    onSettled: () => {
      setAsking(undefined)
      read()
    },
  })
  const revoke = useMutation({
    mutationFn: (reason: string) => call(api.revokeDeviceKey, { params: { id: device.id }, body: { reason } }),
    onSuccess: () => {
      setAsking(undefined)
      issue.reset()
      read()
    },
  })
  const cancel = () => setAsking(undefined)
  const who = device.residentName ?? t('files.nobodysDevice')
  return (
    <section className="card stack" style={{ marginBottom: 12, alignItems: 'flex-start' }}>
      {device.revokedAt && (
        <p className="note-warn">
          {t('enrol.revoked', { reason: device.revokedBecause })} <When at={device.revokedAt} />
        </p>
      )}
      {asking === 'issue' && (
        <div className="stack" role="alert">
          <p>
            <strong>{t('files.newKeyAsk', { who, account: device.account })}</strong>
          </p>
          <p>{t('files.newKeyMeans')}</p>
          <span className="row">
            <Button danger type="primary" loading={issue.isPending} onClick={() => issue.mutate()}>
              {t('files.newKeyYes')}
            </Button>
            <Button autoFocus onClick={cancel}>
              {t('files.cancel')}
            </Button>
          </span>
        </div>
      )}
      {asking === 'revoke' && (
        <Revoke
          title={t('enrol.revokeAsk', { who, account: device.account })}
          busy={revoke.isPending}
          revoke={revoke.mutate}
          cancel={cancel}
        />
      )}
      {asking === undefined && (
        <span className="row">
          <Button loading={issue.isPending} onClick={() => (device.hasKey ? setAsking('issue') : issue.mutate())}>
            {t(device.hasKey ? 'files.newKey' : 'files.firstKey')}
          </Button>
          {!device.revokedAt && (
            <Button danger onClick={() => setAsking('revoke')}>
              {t('enrol.revoke')}
            </Button>
          )}
        </span>
      )}
      {issue.data && (
        <>
          <p>
            {t('files.keyOnce')}{' '}
            <Typography.Text code copyable>
              {issue.data.key}
            </Typography.Text>
          </p>
          <Label device={device} issued={issue.data} />
        </>
      )}
      {(issue.error ?? revoke.error) && <ErrorNote error={issue.error ?? revoke.error} />}
    </section>
  )
}

function Revoke(props: { title: string; busy: boolean; revoke: (reason: string) => void; cancel: () => void }) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const said = reason.trim()
  return (
    <form
      className="stack"
      aria-label={props.title}
      onSubmit={(event) => {
        event.preventDefault()
        if (said) props.revoke(said)
      }}
    >
      <p>
        <strong>{props.title}</strong>
      </p>
      <p>{t('enrol.revokeMeans')}</p>
      <label htmlFor="revoke-because">{t('enrol.because')}</label>
      <Input
        id="revoke-because"
        autoFocus
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <span className="row">
        <Button danger type="primary" htmlType="submit" disabled={!said} loading={props.busy}>
          {t('enrol.revokeYes')}
        </Button>
        <Button onClick={props.cancel}>{t('files.cancel')}</Button>
      </span>
    </form>
  )
}
