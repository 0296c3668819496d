import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  callRoutes as api,
  type CallView,
  type UnitCommand,
  unitCommands,
  unitWays,
} from '../../server/contracts/calls.ts'
import { call as ask } from '../lib/api.ts'
import { useKeys } from '../lib/keys.ts'
import { ErrorNote } from '../ui/marks.tsx'

const keyOf: Record<UnitCommand, { key: string; shown: string; does: string }> = {
  listen: { key: 'Shift+L', shown: '⇧L', does: 'keys.unitListen' },
  speak: { key: 'Shift+S', shown: '⇧S', does: 'keys.unitSpeak' },
  duplex: { key: 'Shift+B', shown: '⇧B', does: 'keys.unitDuplex' },
  'volume-up': { key: ']', shown: ']', does: 'keys.unitLouder' },
  'volume-down': { key: '[', shown: '[', does: 'keys.unitQuieter' },
}
const ways: readonly UnitCommand[] = unitWays

/** What the alarm unit is told while we talk through it. Which way it was told last is shown; it does not say so itself. */
export function UnitKeys({ call }: { call: CallView }) {
  const { t } = useTranslation()
  const [way, setWay] = useState<UnitCommand>(call.unit?.way ?? 'duplex')
  const tell = useMutation({
    mutationFn: (command: UnitCommand) => ask(api.commandUnit, { params: { id: call.id }, body: { command } }),
    onSuccess: (_, command) => ways.includes(command) && setWay(command),
  })
  useKeys(
    unitCommands.map((command) => ({
      key: keyOf[command].key,
      does: keyOf[command].does,
      run: () => tell.mutate(command),
    })),
  )
  return (
    <fieldset className="row unit-keys">
      <legend>{t('calls.unit.title')}</legend>
      {unitCommands.map((command) => (
        <button
          type="button"
          key={command}
          className={`btn ${way === command ? 'on' : ''}`}
          aria-pressed={ways.includes(command) ? way === command : undefined}
          disabled={tell.isPending}
          onClick={() => tell.mutate(command)}
        >
          {t(`calls.unit.${command}`)} <kbd>{keyOf[command].shown}</kbd>
        </button>
      ))}
      <span className="muted">{t('calls.unit.hint')}</span>
      {tell.error && <ErrorNote error={tell.error} />}
    </fieldset>
  )
}
