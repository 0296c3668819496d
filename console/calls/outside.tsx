import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallTarget } from '../../server/contracts/calls.ts'
import { keyText, useEscape, useKeys } from '../lib/keys.ts'

const emergencies = ['120', '119', '110'] as const
export const isEmergency = (number: string): boolean => emergencies.some((one) => one === number)

// With Shift: nobody rings an ambulance by leaning on a key. Ambulance, fire, police.
const emergencyKeys = { '120': 'Shift+A', '119': 'Shift+F', '110': 'Shift+P' } as const

/** Whoever is in no file: an emergency service by one press, or a number that is typed. */
export function OutsideNumber({ choose, close }: { choose: (to: CallTarget) => void; close: () => void }) {
  const { t } = useTranslation()
  const [number, setNumber] = useState('')
  useKeys(
    emergencies.map((one) => ({
      key: emergencyKeys[one],
      does: `keys.emergency.${one}`,
      run: () => choose({ number: one }),
    })),
  )
  useEscape(close)
  return (
    <form
      autoComplete="off"
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        choose({ number: number.trim() })
      }}
    >
      {emergencies.map((one) => (
        <button type="button" className="btn danger" key={one} onClick={() => choose({ number: one })}>
          {one} {t(`calls.outside.emergency.${one}`)} <kbd>{keyText(emergencyKeys[one])}</kbd>
        </button>
      ))}
      <input
        className="field outside-number"
        type="tel"
        inputMode="tel"
        minLength={3}
        maxLength={30}
        required
        aria-label={t('calls.outside.number')}
        placeholder={t('calls.outside.number')}
        value={number}
        onChange={(event) => setNumber(event.target.value)}
      />
      <button type="submit" className="btn">
        {t('calls.outside.ring')}
      </button>
    </form>
  )
}
