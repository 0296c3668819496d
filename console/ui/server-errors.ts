import type { FormInstance } from 'antd'
import { useRef } from 'react'
import { ApiError } from '../lib/api.ts'
import { useFieldText } from './field-text.ts'

type Path = (string | number)[]

/** The server names the field, and the form shows it there, until the field holds something else. */
export function useServerErrors(form: FormInstance) {
  const fieldText = useFieldText()
  const shown = useRef<{ name: Path; value: unknown }[]>([])
  return {
    show(fault: unknown): void {
      if (!(fault instanceof ApiError)) return
      const errors = (fault.problem.errors ?? []).map((one) => ({
        name: one.path
          .replace(/^form\./, '')
          .split('.')
          .map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
        errors: [fieldText(one.message)],
      }))
      shown.current = errors.map(({ name }) => ({ name, value: form.getFieldValue(name) }))
      form.setFields(errors as never)
    },
    /** After each change: what was said of another value is taken back. */
    review(): void {
      const over = shown.current.filter(({ name, value }) => form.getFieldValue(name) !== value)
      if (over.length === 0) return
      shown.current = shown.current.filter((one) => !over.includes(one))
      form.setFields(over.map(({ name }) => ({ name, errors: [] })) as never)
    },
  }
}
