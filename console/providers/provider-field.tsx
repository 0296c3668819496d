import { useQuery } from '@tanstack/react-query'
import { Form, Select } from 'antd'
import { useState } from 'react'
import { providerRoutes as api } from '../../server/contracts/providers.ts'
import { call } from '../lib/api.ts'

export function ProviderField({
  name,
  label,
  shown,
}: {
  name: string
  label: string
  shown: { id: string; name: string } | undefined
}) {
  const [q, setQ] = useState('')
  const { data } = useQuery({
    queryKey: ['providers', 'pick', q],
    queryFn: () => call(api.providers, { query: { q, limit: 20 } }),
  })
  const known = [...(shown && !q ? [shown] : []), ...(data?.items ?? [])]
  const options = [...new Map(known.map((one) => [one.id, { value: one.id, label: one.name }])).values()]
  return (
    <Form.Item name={name} label={label} style={{ marginBottom: 12 }}>
      <Select allowClear showSearch={{ filterOption: false, onSearch: setQ }} options={options} />
    </Form.Item>
  )
}
