import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { residentRoutes } from '../../server/contracts/residents.ts'
import { call } from '../lib/api.ts'
import { board, useBoardIds } from '../lib/board.ts'
import { useComposition } from '../lib/composition.ts'
import { pressedKey } from '../lib/pressed.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { useDialog } from './key-map.tsx'
import type { places } from './places.ts'

type Choice = { id: string; text: string; hint: string; run: () => void }

/** One line for everything: a page, an incident by its number, a resident by name, initials, number or address. */
export function CommandBar({ places: open, close }: { places: typeof places; close: () => void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const me = useSignedIn()
  const { lineOf } = useAreas()
  const dialog = useDialog(close)
  const list = useId()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const choosing = useComposition()
  const ids = useBoardIds()
  const query = text.replace(/^\/?(s|find)\s+/, '').trim()
  // One Chinese character says as much as two letters.
  const enough = query.length >= 2 || /\p{Script=Han}/u.test(query)
  const { data, isFetching } = useQuery({
    queryKey: ['palette', query],
    queryFn: () => call(residentRoutes.residents, { query: { q: query, limit: 8 } }),
    // The raw letters of an input method are no name: nobody is looked up by them.
    enabled: enough && !choosing.now && may(me, 'read-file'),
  })
  const go = (run: () => void) => () => {
    close()
    run()
  }
  const choices: Choice[] = [
    ...open
      .filter((place) => query && t(`shell.place.${place.name}`).toLowerCase().includes(query.toLowerCase()))
      .map((place) => ({
        id: place.to,
        text: t(`shell.place.${place.name}`),
        hint: t('shell.page'),
        run: go(() => void navigate({ to: place.to })),
      })),
    ...(/^#?\d{1,7}$/.test(query)
      ? ids.map((id) => board.row(id)).filter((row) => row && String(row.number) === query.replace('#', ''))
      : []
    ).map((row) => ({
      id: row?.id ?? '',
      text: `#${row?.number}`,
      hint: t('shell.incident'),
      run: go(() => void navigate({ to: '/', search: { incident: row?.id } })),
    })),
    ...(data?.items ?? []).map((row) => ({
      id: row.id,
      text: `${row.name}  ${row.address}`,
      hint: lineOf(row.areaId),
      run: go(() => void navigate({ to: '/residents', search: { id: row.id } })),
    })),
  ]
  const onKey = (event: KeyboardEvent) => {
    const key = pressedKey(event)
    if (key === 'ArrowDown') setAt(Math.min(at + 1, choices.length - 1))
    else if (key === 'ArrowUp') setAt(Math.max(at - 1, 0))
    else if (key === 'Enter') choices[at]?.run()
    else return
    event.preventDefault()
  }
  return (
    <dialog className="palette" aria-label={t('keys.command')} {...dialog}>
      <input
        autoFocus
        role="combobox"
        aria-expanded={choices.length > 0}
        aria-controls={list}
        aria-activedescendant={choices[at] ? `${list}-${at}` : undefined}
        aria-label={t('keys.command')}
        placeholder={t('shell.commandHint')}
        value={text}
        onKeyDown={onKey}
        {...choosing.field}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
      />
      {query && choices.length === 0 && !isFetching && (
        <p className="muted palette-none" role="status">
          {t(enough ? 'shell.nothingFound' : 'shell.typeMore')}
        </p>
      )}
      <div id={list} role="listbox" aria-label={t('shell.results')}>
        {choices.map((choice, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's
          <div
            key={choice.id}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === at}
            tabIndex={-1}
            onClick={choice.run}
          >
            <span>{choice.text}</span>
            <span className="muted">{choice.hint}</span>
          </div>
        ))}
      </div>
    </dialog>
  )
}
