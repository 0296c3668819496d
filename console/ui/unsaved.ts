import { useBlocker } from '@tanstack/react-router'
import { App } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { onWayCleared } from '../lib/front.ts'
import { keepForm, keptForm } from '../lib/kept-forms.ts'

type Form<Values> = { now: () => Values; back: (values: Values) => void }

/**
 * A changed form is not left without a question: Esc, the cross, Back, another page, F5. Only whoever rings goes before it,
 * and then what was typed is there again when the form is opened next.
 */
export function useUnsaved<Values>(name: string, ready: boolean, form: Form<Values>) {
  const { t } = useTranslation()
  const { modal } = App.useApp()
  const opening = useRef<string>(undefined)
  const question = useRef<() => void>(undefined)
  const [wasKept, setWasKept] = useState(false)
  const latest = useRef(form)
  latest.current = form
  useEffect(() => {
    if (!ready || opening.current !== undefined) return
    opening.current = JSON.stringify(latest.current.now())
    const kept = keptForm<Values>(name, opening.current)
    if (kept === undefined) return
    latest.current.back(kept)
    setWasKept(true)
  }, [ready, name])
  const changed = () => opening.current !== undefined && opening.current !== JSON.stringify(latest.current.now())
  const mayLeave = () =>
    new Promise<boolean>((resolve) => {
      const { destroy } = modal.confirm({
        title: t('files.discard'),
        okText: t('files.discardYes'),
        okButtonProps: { danger: true },
        cancelText: t('files.discardNo'),
        autoFocusButton: 'cancel',
        onOk: () => resolve(true),
        onCancel: () => resolve(false),
      })
      question.current = () => {
        destroy()
        resolve(false)
      }
    })
  useBlocker({
    shouldBlockFn: async () => changed() && !(await mayLeave()),
    enableBeforeUnload: changed,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: it reads what is there when it is called
  useEffect(
    () =>
      onWayCleared(() => {
        question.current?.()
        if (changed()) keepForm(name, opening.current as string, latest.current.now())
      }),
    [name],
  )
  return {
    wasKept,
    /** What stands there is stored: nothing is asked any more. */
    saved: () => {
      opening.current = JSON.stringify(latest.current.now())
    },
  }
}
