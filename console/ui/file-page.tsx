import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Input, Table } from 'antd'
import type { ColumnsType } from 'antd/es/table'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FileDrawer } from './file-drawer.tsx'
import type { Files } from './files.ts'
import { ErrorNote } from './marks.tsx'

/** A list with search and, beside it, one file as a form: the same for residents, devices, providers … */
export function FilePage<Row extends object, Full extends object, Values extends object>(
  files: Files<Row, Full, Values>,
) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as { id?: string; q?: string }
  const [text, setText] = useState(search.q ?? '')
  const [q, setQ] = useState(search.q ?? '')
  const [cursors, setCursors] = useState<string[]>([])
  const cursor = cursors.at(-1)
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: [files.name, q, cursor],
    queryFn: () => files.list({ q, cursor }),
    placeholderData: (before) => before,
  })
  useEffect(() => {
    const timer = setTimeout(() => {
      setQ(text.trim())
      setCursors([])
    }, 180)
    return () => clearTimeout(timer)
  }, [text])
  const open = (id: string | undefined) => void navigate({ to: '.', search: (id ? { id } : {}) as never })
  const first = files.columns[0]
  // A row is opened by a real button in its first cell, so that the keyboard reaches it.
  const columns: ColumnsType<Row> = [
    {
      ...first,
      render: (value: unknown, row: Row, i: number) => (
        <button type="button" className="link" onClick={() => open(files.rowId(row))}>
          {(first as { render?: (value: unknown, row: Row, i: number) => ReactNode }).render?.(value, row, i) ??
            String(value)}
        </button>
      ),
    },
    ...files.columns.slice(1),
  ]
  return (
    <div className="page-inner">
      <div className="spread">
        <h1>{files.title}</h1>
        <span className="row">
          {files.tools}
          {files.mayWrite && (
            <Button type="primary" onClick={() => open('new')}>
              {files.newTitle}
            </Button>
          )}
        </span>
      </div>
      <Input.Search
        aria-label={t('ui.search')}
        placeholder={files.searchHint ?? t('ui.search')}
        allowClear
        value={text}
        onChange={(event) => setText(event.target.value)}
        style={{ maxWidth: 420, marginBottom: 12 }}
      />
      {error && <ErrorNote error={error} retry={() => void refetch()} />}
      <Table<Row>
        size="small"
        rowKey={files.rowId}
        columns={columns}
        dataSource={data?.items ?? []}
        loading={isFetching && !data}
        pagination={false}
        scroll={{ x: 'max-content' }}
        locale={{ emptyText: t('ui.nothingFound') }}
      />
      <div className="row" style={{ marginTop: 10, justifyContent: 'flex-end' }}>
        <Button disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
          {t('ui.before')}
        </Button>
        <Button disabled={!data?.next} onClick={() => data?.next && setCursors([...cursors, data.next])}>
          {t('ui.next')}
        </Button>
      </div>
      {search.id && (
        <FileDrawer
          key={search.id}
          files={files}
          id={search.id === 'new' ? undefined : search.id}
          close={() => open(undefined)}
          opened={open}
        />
      )}
    </div>
  )
}
