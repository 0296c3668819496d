/** How far, for people: the same figure in a message, at the desk and on the helper's page. Exact below a kilometre. Pure. */
export const farText = (metres: number): string => (metres < 1000 ? `${metres} m` : `${(metres / 1000).toFixed(1)} km`)
