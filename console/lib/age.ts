/** Whole years since a birth date, written YYYY-MM-DD. */
export const ageOf = (birthDate: string): number =>
  Math.floor((Date.now() - new Date(birthDate).getTime()) / (365.25 * 86_400_000))
