import type { FormInstance } from 'antd'
import type { ColumnsType } from 'antd/es/table'
import type { ReactNode } from 'react'

/** What a page of files is told of its kind: how its list is read, and how one of them is shown and saved. */
export type Files<Row extends object, Full extends object, Values extends object> = {
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
