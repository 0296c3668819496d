/** An ordinary no: a value with a stable code, shown to the operator in words; never thrown. */
export type Refusal = { refused: string; detail?: string; errors?: { path: string; message: string }[] }

export function refuse(code: string, detail?: string, errors?: Refusal['errors']): Refusal {
  return { refused: code, ...(detail && { detail }), ...(errors && { errors }) }
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value
}
