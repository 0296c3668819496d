import { useQuery } from '@tanstack/react-query'
import { Form, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { residentRoutes as api, type HouseholdView } from '../../server/contracts/residents.ts'
import { call } from '../lib/api.ts'

const line = (one: HouseholdView) => [one.address, one.building, one.entrance, one.room].filter(Boolean).join(' ')

/** A household, found by its address. */
export function HouseholdField({
  name,
  label,
  shown,
}: {
  name: string
  label: string
  shown: HouseholdView | undefined
}) {
  const { t } = useTranslation()
  const [q, setQ] = useState('')
  const { data } = useQuery({
    queryKey: ['households', 'pick', q],
    queryFn: () => call(api.households, { query: { q, limit: 20 } }),
  })
  const known = [...(shown && !q ? [shown] : []), ...(data?.items ?? [])]
  const options = [...new Map(known.map((one) => [one.id, { value: one.id, label: line(one) }])).values()]
  return (
    <Form.Item name={name} label={label} rules={[{ required: true, message: t('files.required') }]}>
      <Select
        showSearch={{ filterOption: false, onSearch: setQ }}
        options={options}
        placeholder={t('files.householdHint')}
      />
    </Form.Item>
  )
}
