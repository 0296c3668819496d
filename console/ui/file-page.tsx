import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { App, Button, Drawer, Form, type FormInstance, Input, Table } from 'antd'
import type { ColumnsType } from 'antd/es/table'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../lib/api.ts'
import { useFieldText } from './field-text.ts'
import { ErrorNote } from './marks.tsx'

type Files<Row extends object, Full extends object, Values extends object> = {
  name: string
  title: string
  rowId: (row: Row) => string
  columns: ColumnsType<Row>
  list: (asked: { q: string; cursor: string | undefined }) => Promise<{ items: Row[]; next: string | null }>
  load: (id: string) => Promise<Full>
  /** What the drawer is called: the person or thing of a file, and what a new one is. */
  nameOf: (full: Full) => string
  newTitle: string
  /** The form's values of a file, or of a new one. */
  values: (full: Full | undefined) => Values
  save: (values: Values, full: Full | undefined) => Promise<Full>
  fields: (parts: { form: FormInstance<Values>; full: Full | undefined }) => ReactNode
  extra?: (full: Full) => ReactNode
  mayWrite: boolean
  searchHint?: string
  /** Beside the button of a new one. */
  tools?: ReactNode
}

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

function FileDrawer<Row extends object, Full extends object, Values extends object>({
  files,
  id,
  close,
  opened,
}: {
  files: Files<Row, Full, Values>
  id: string | undefined
  close: () => void
  opened: (id: string) => void
}) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [form] = Form.useForm<Values>()
  const fieldText = useFieldText()
  const { data: full, error } = useQuery({
    queryKey: [files.name, 'one', id],
    queryFn: () => files.load(id as string),
    enabled: id !== undefined,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const save = useMutation({
    mutationFn: (values: Values) => files.save(values, full),
    onSuccess: (saved) => {
      client.setQueryData([files.name, 'one', id], saved)
      void client.invalidateQueries({ queryKey: [files.name] })
      if (id === undefined && 'id' in saved) opened(String(saved.id))
      else close()
    },
    // The server names the field; the form shows it there.
    onError: (fault) =>
      fault instanceof ApiError &&
      form.setFields(
        (fault.problem.errors ?? []).map((one) => ({
          name: one.path
            .replace(/^form\./, '')
            .split('.')
            .map((part) => (/^\d+$/.test(part) ? Number(part) : part)) as never,
          errors: [fieldText(one.message)],
        })),
      ),
  })
  const ready = id === undefined || full !== undefined
  const { modal } = App.useApp()
  const opening = useRef<string>(undefined)
  const now = () => JSON.stringify(form.getFieldsValue(true))
  useEffect(() => {
    if (ready) opening.current ??= JSON.stringify(form.getFieldsValue(true))
  }, [ready, form])
  /** Esc, the cross, a click beside it: what was typed is not thrown away without asking. */
  const leave = () => {
    if (!files.mayWrite || opening.current === undefined || opening.current === now()) return close()
    modal.confirm({
      title: t('files.discard'),
      okText: t('files.discardYes'),
      okButtonProps: { danger: true },
      cancelText: t('files.discardNo'),
      autoFocusButton: 'cancel',
      onOk: close,
    })
  }
  return (
    <Drawer
      open
      size={640}
      onClose={leave}
      title={full ? files.nameOf(full) : id === undefined ? files.newTitle : files.title}
      footer={
        files.mayWrite && (
          <div className="row">
            <Button type="primary" loading={save.isPending} disabled={!ready} onClick={() => form.submit()}>
              {t('files.save')}
            </Button>
            <Button onClick={leave}>{t('files.cancel')}</Button>
          </div>
        )
      }
    >
      {error && <ErrorNote error={error} />}
      {save.error && <ErrorNote error={save.error} />}
      {full && files.extra?.(full)}
      {ready && (
        <Form<Values>
          form={form}
          layout="vertical"
          disabled={!files.mayWrite}
          initialValues={files.values(full)}
          onFinish={() => save.mutate(form.getFieldsValue(true) as Values)}
          scrollToFirstError
        >
          {files.fields({ form, full })}
        </Form>
      )}
    </Drawer>
  )
}
