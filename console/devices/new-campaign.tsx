import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { campaignRoutes as api } from '../../server/contracts/campaigns.ts'
import { unprotectedReasons } from '../../server/contracts/unprotected.ts'
import { call } from '../lib/api.ts'
import { AreaField, Fields, NumberField } from '../ui/fields.tsx'
import { ErrorNote } from '../ui/marks.tsx'
import type { Reason } from './reason-marks.ts'

type Values = { areaId: string; reason: Reason | 'all'; residentsMax: number }
// About a morning's calls of two operators.
const first = { reason: 'all', residentsMax: 50 } as const

/** An area, a reason and how many: the frailest of them are called. */
export function NewCampaign({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const begin = useMutation({
    mutationFn: ({ reason, ...form }: Values) =>
      call(api.createCampaign, { body: { ...form, reason: reason === 'all' ? null : reason } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['campaigns'] })
      close()
    },
  })
  return (
    <Form<Values> layout="vertical" initialValues={first} onFinish={begin.mutate}>
      <Fields>
        <AreaField name="areaId" label={t('unprotected.campaign.area')} required />
        <Form.Item name="reason" label={t('unprotected.campaign.reason')} style={{ marginBottom: 12 }}>
          <Select
            options={(['all', ...unprotectedReasons] as const).map((value) => ({
              value,
              label: t(`unprotected.reason.${value}`),
            }))}
          />
        </Form.Item>
        <NumberField name="residentsMax" label={t('unprotected.campaign.number')} required min={1} max={1000} />
      </Fields>
      {begin.error && <ErrorNote error={begin.error} />}
      <span className="row">
        <Button type="primary" htmlType="submit" loading={begin.isPending}>
          {t('unprotected.campaign.begin')}
        </Button>
        <Button onClick={close}>{t('unprotected.campaign.cancel')}</Button>
      </span>
    </Form>
  )
}
