import { ErrorNote } from './marks.tsx'

/** One line that says why, and the button that does it: what is said stays in the timeline or in the audit. */
export function ReasonForm(props: {
  /** What to write, as label and placeholder. */
  ask: string
  button: string
  run: (reason: string) => void
  pending?: boolean
  error?: unknown
  danger?: boolean
  min?: number
}) {
  const { ask, button, run, pending, error, danger, min = 2 } = props
  return (
    <form
      autoComplete="off"
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        run(String(new FormData(event.currentTarget).get('reason')))
      }}
    >
      <input
        className="field"
        style={{ flex: 1, minWidth: 160 }}
        name="reason"
        required
        minLength={min}
        maxLength={200}
        aria-label={ask}
        placeholder={ask}
      />
      <button type="submit" className={`btn ${danger ? 'danger' : ''}`} disabled={pending}>
        {button}
      </button>
      {error ? <ErrorNote error={error} /> : null}
    </form>
  )
}
