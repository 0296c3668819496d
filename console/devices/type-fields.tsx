import { useQuery } from '@tanstack/react-query'
import { Form, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { deviceRoutes as api } from '../../server/contracts/devices.ts'
import { call } from '../lib/api.ts'
import { named } from '../lib/i18n.ts'

/** What it promises of its heartbeats, by its type. */
export function TypeField() {
  const { t, i18n } = useTranslation()
  const { data } = useQuery({
    queryKey: ['device-types', 'all'],
    queryFn: () => call(api.deviceTypes),
    staleTime: 60_000,
  })
  return (
    <Form.Item name="typeCode" label={t('deviceTypes.type')} style={{ marginBottom: 12 }}>
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        placeholder={t('deviceTypes.none')}
        options={(data?.items ?? []).map((one) => ({ value: one.code, label: named(one, i18n.language) }))}
      />
    </Form.Item>
  )
}

/** The gateway through which it reports, found by its account. */
export function GatewayField({ shown }: { shown: string | null }) {
  const { t } = useTranslation()
  const [q, setQ] = useState('')
  const { data } = useQuery({
    queryKey: ['devices', 'gateways', q],
    // A kind is found like a word of the account.
    queryFn: () => call(api.devices, { query: { q: `gateway ${q}`, limit: 20 } }),
  })
  const { data: present } = useQuery({
    queryKey: ['devices', 'gateway', shown],
    queryFn: () => call(api.device, { params: { id: shown as string } }),
    enabled: shown !== null,
  })
  const found = (data?.items ?? []).filter((one) => one.kind === 'gateway')
  const all = present && !found.some((one) => one.id === present.id) ? [present, ...found] : found
  return (
    <Form.Item name="gatewayId" label={t('deviceTypes.gateway')} style={{ marginBottom: 12 }}>
      <Select
        allowClear
        showSearch={{ filterOption: false, onSearch: setQ }}
        placeholder={t('deviceTypes.noGateway')}
        options={all.map((one) => ({ value: one.id, label: [one.account, one.room].filter(Boolean).join(' · ') }))}
      />
    </Form.Item>
  )
}
