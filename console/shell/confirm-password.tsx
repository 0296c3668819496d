import { useQueryClient } from '@tanstack/react-query'
import { Modal } from 'antd'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accessRoutes as api } from '../../server/contracts/access.ts'
import { call, onPasswordWanted } from '../lib/api.ts'
import { ErrorNote } from '../ui/marks.tsx'

/** Asks for the own password again, where a change needs it; closed without it, the change is not made and what was typed stays. */
export function ConfirmPassword() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const [error, setError] = useState<unknown>()
  const answer = useRef<(right: boolean) => void>(undefined)
  useEffect(
    () =>
      onPasswordWanted(() => {
        setError(undefined)
        setOpen(true)
        return new Promise<boolean>((resolve) => {
          answer.current?.(false)
          answer.current = resolve
        })
      }),
    [],
  )
  const end = (right: boolean) => {
    answer.current?.(right)
    answer.current = undefined
    setOpen(false)
  }
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    try {
      const password = String(new FormData(event.currentTarget).get('password'))
      client.setQueryData(['me'], await call(api.confirmPassword, { body: { password } }))
      end(true)
    } catch (fault) {
      setError(fault)
    }
  }
  return (
    <Modal open={open} title={t('account.confirmTitle')} footer={null} destroyOnHidden onCancel={() => end(false)}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p>{t('account.confirmHint')}</p>
        <input
          className="field"
          name="password"
          type="password"
          required
          autoComplete="current-password"
          aria-label={t('shell.password')}
          autoFocus
        />
        {error !== undefined && <ErrorNote error={error} />}
        <button type="submit" className="btn primary">
          {t('account.confirm')}
        </button>
      </form>
    </Modal>
  )
}
