import { useQuery } from '@tanstack/react-query'
import { Form, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { residentRoutes as api } from '../../server/contracts/residents.ts'
import { call } from '../lib/api.ts'

/** A resident, found by name, initials, number or address. */
export function ResidentField({
  name,
  label,
  shown,
}: {
  name: string
  label: string
  shown: { id: string; name: string } | undefined
}) {
  const { t } = useTranslation()
  const [q, setQ] = useState('')
  const { data } = useQuery({
    queryKey: ['residents', 'pick', q],
    queryFn: () => call(api.residents, { query: { q, limit: 20 } }),
    enabled: q.length > 0,
  })
  const found = (data?.items ?? []).map((one) => ({ value: one.id, label: `${one.name}  ${one.address}` }))
  const options = q ? found : shown ? [{ value: shown.id, label: shown.name }] : []
  return (
    <Form.Item name={name} label={label} style={{ marginBottom: 12 }}>
      <Select
        allowClear
        showSearch={{ filterOption: false, onSearch: setQ }}
        options={options}
        placeholder={t('files.residentSearch')}
      />
    </Form.Item>
  )
}
