/**
 * A number in groups that can be read aloud: 199 0007 1271, 0571 8765 4321, 400 810 1234. One from abroad, and what is
 * no E.164 number (120, a half typed one), stays as it is. Pure; libphonenumber would be larger than the page.
 */
export function phoneText(number: string): string {
  const home = /^\+86(\d+)$/.exec(number)?.[1]
  if (!home) return number
  if (/^1\d{10}$/.test(home)) return split(home, 3, 4)
  if (/^[48]00\d{7}$/.test(home)) return split(home, 3, 3)
  // Beijing and the cities in 2x have two digits, all others three; what follows has seven or eight.
  const [, area, local] = /^(10|2\d|[3-9]\d\d)(\d{7,8})$/.exec(home) ?? []
  return area && local ? `0${area} ${split(local, local.length - 4)}` : home
}

/** Cut after so many digits, and again after so many more. */
const split = (digits: string, first: number, second = 0): string =>
  [digits.slice(0, first), digits.slice(first, first + second), digits.slice(first + second)].filter(Boolean).join(' ')
