import { phoneText } from '../lib/phone-text.ts'

/** A number to be read aloud or pressed; the link dials it whole. */
export function Telephone({ number }: { number: string }) {
  return (
    <a href={`tel:${number}`} className="num">
      {phoneText(number)}
    </a>
  )
}
