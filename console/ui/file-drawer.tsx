import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Drawer, Form } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Files } from './files.ts'
import { ErrorNote } from './marks.tsx'
import { useServerErrors } from './server-errors.ts'
import { useUnsaved } from './unsaved.ts'

type Props<Row extends object, Full extends object, Values extends object> = {
  files: Files<Row, Full, Values>
  id: string | undefined
  close: () => void
  opened: (id: string) => void
}

/** One file as a form beside its list. What was typed in it is not lost without a question, whichever way it is left. */
export function FileDrawer<Row extends object, Full extends object, Values extends object>({
  files,
  id,
  close,
  opened,
}: Props<Row, Full, Values>) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [form] = Form.useForm<Values>()
  const serverErrors = useServerErrors(form)
  const { message } = App.useApp()
  const { data: full, error } = useQuery({
    queryKey: [files.name, 'one', id],
    queryFn: () => files.load(id as string),
    enabled: id !== undefined,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const ready = id === undefined || full !== undefined
  const guard = useUnsaved(`${files.name}/${id ?? 'new'}`, files.mayWrite && ready, {
    now: () => form.getFieldsValue(true) as Values,
    back: (values) => form.setFieldsValue(values as never),
  })
  const save = useMutation({
    mutationFn: (values: Values) => files.save(values, full),
    onSuccess: (saved) => {
      guard.saved()
      void message.success(t('files.saved', { name: files.nameOf(saved) }))
      client.setQueryData([files.name, 'one', id], saved)
      void client.invalidateQueries({ queryKey: [files.name] })
      if (id === undefined && 'id' in saved) opened(String(saved.id))
      else close()
    },
    onError: (fault) => serverErrors.show(fault),
  })
  return (
    <Drawer
      open
      size={640}
      onClose={close}
      title={full ? files.nameOf(full) : id === undefined ? files.newTitle : files.title}
      footer={
        files.mayWrite && (
          <div className="row">
            <Button type="primary" loading={save.isPending} disabled={!ready} onClick={() => form.submit()}>
              {t('files.save')}
            </Button>
            <Button onClick={close}>{t('files.cancel')}</Button>
          </div>
        )
      }
    >
      {error && <ErrorNote error={error} />}
      {save.error && <ErrorNote error={save.error} />}
      {guard.wasKept && (
        <p className="note-warn" role="status">
          {t('files.kept')}
        </p>
      )}
      {full && files.extra?.(full)}
      {ready && (
        <Form<Values>
          form={form}
          layout="vertical"
          autoComplete="off"
          disabled={!files.mayWrite}
          initialValues={files.values(full)}
          onFinish={() => save.mutate(form.getFieldsValue(true) as Values)}
          onValuesChange={() => {
            serverErrors.review()
            if (save.error) save.reset()
          }}
          scrollToFirstError
        >
          {files.fields({ form, full })}
        </Form>
      )}
    </Drawer>
  )
}
