import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  deviceImportRoutes as api,
  columnsNeeded,
  type ImportColumn,
  type ImportReport,
  importColumns,
  importRowsMax,
} from '../../server/contracts/device-import.ts'
import { call } from '../lib/api.ts'
import { csvText, download } from '../lib/csv.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { Keys } from './import-keys.tsx'

const columns = Object.keys(importColumns) as ImportColumn[]
const template = () => download('devices-template.csv', csvText([columns.map((one) => importColumns[one])]))

const base64Of = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })

/** Many devices from one file: tried first, row by row, then all of them or none. */
export function ImportDevices() {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('imports.open')}</Button>
      {open && <Dialog close={() => setOpen(false)} />}
    </>
  )
}

function Dialog({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const picker = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<{ name: string; bytes: string }>()
  const [taken, setTaken] = useState(false)
  const check = useMutation({
    mutationFn: async (chosen: File) => {
      const bytes = await base64Of(chosen)
      setFile({ name: chosen.name, bytes })
      return call(api.checkDeviceImport, { body: { file: bytes } })
    },
  })
  const run = useMutation({
    mutationFn: () => call(api.importDevices, { body: { file: file?.bytes ?? '' } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['devices'] }),
  })
  const made = run.data?.devices
  const report = check.data
  return (
    <Modal
      open
      width={760}
      title={t('imports.title')}
      // Keys that nobody has taken away are lost for ever: a click beside the window must not do that.
      mask={{ closable: made === undefined || taken }}
      keyboard={made === undefined || taken}
      closable={made === undefined || taken}
      onCancel={close}
      footer={
        made ? (
          <Button disabled={!taken} onClick={close}>
            {t('imports.done')}
          </Button>
        ) : (
          <Button
            type="primary"
            disabled={!report || report.faultsAll > 0}
            loading={run.isPending}
            onClick={() => run.mutate()}
          >
            {report?.faultsAll === 0 ? t('imports.register', { n: report.rows }) : t('imports.registerAll')}
          </Button>
        )
      }
    >
      {made ? (
        <Keys devices={made} taken={taken} onTaken={() => setTaken(true)} />
      ) : (
        <div className="stack">
          <How />
          <span className="row">
            <Button onClick={() => picker.current?.click()} loading={check.isPending} autoFocus>
              {t(file ? 'imports.chooseOther' : 'imports.choose')}
            </Button>
            <Button onClick={template}>{t('imports.template')}</Button>
            {file && <span>{file.name}</span>}
          </span>
          <input
            ref={picker}
            type="file"
            accept=".csv,text/csv"
            hidden
            aria-label={t('imports.choose')}
            onChange={(event) => {
              const [chosen] = event.target.files ?? []
              // The same file, mended, may be chosen again.
              event.target.value = ''
              run.reset()
              if (chosen) check.mutate(chosen)
            }}
          />
          {(check.error ?? run.error) && <ErrorNote error={check.error ?? run.error} />}
          {report && <Report report={report} />}
        </div>
      )}
    </Modal>
  )
}

function How() {
  const { t } = useTranslation()
  return (
    <details>
      <summary>{t('imports.how', { max: importRowsMax })}</summary>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t('imports.column')}</th>
            <th scope="col">{t('imports.holds')}</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((one) => (
            <tr key={one}>
              <th scope="row">
                {importColumns[one]} <span className="muted">{one}</span>
                {columnsNeeded.includes(one) && <span className="chip">{t('files.required')}</span>}
              </th>
              <td>{t(`imports.of.${one}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

function Report({ report }: { report: ImportReport }) {
  const { t } = useTranslation()
  if (report.faultsAll === 0)
    return (
      <p role="status">
        <span className="chip green">{t('imports.well', { n: report.rows })}</span>
      </p>
    )
  return (
    <div role="status">
      <p>
        <span className="chip red">{t('imports.faults', { n: report.faultsAll })}</span> {t('imports.nothingDone')}
      </p>
      <div style={{ maxHeight: 320, overflow: 'auto' }}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t('imports.line')}</th>
              <th scope="col">{t('imports.column')}</th>
              <th scope="col">{t('imports.wrong')}</th>
            </tr>
          </thead>
          <tbody>
            {report.faults.map((one) => (
              <tr key={`${one.line} ${one.column} ${one.is}`}>
                <td className="num">{one.line || ''}</td>
                <td>{one.column}</td>
                <td>{t(`imports.fault.${one.is}`, { instead: one.instead.join(' / ') })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {report.faultsAll > report.faults.length && (
        <p className="muted">{t('imports.more', { n: report.faultsAll - report.faults.length })}</p>
      )}
    </div>
  )
}
