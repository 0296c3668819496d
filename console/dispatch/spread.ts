type Point = { x: number; y: number }

const rounds = 60

/**
 * Where marks are drawn so that each can be read: those that lie on each other are pushed apart, step by step, and the
 * first, which is the house, stays where it is. In pixels; what nobody covers is not moved. Pure.
 */
export function spread(points: Point[], apart: number): Point[] {
  const placed = points.map((point) => ({ ...point }))
  for (let round = 0; round < rounds; round++) {
    let moved = false
    for (let i = 1; i < placed.length; i++) {
      for (let j = 0; j < i; j++) {
        const [mine, other] = [placed[i] as Point, placed[j] as Point]
        const [dx, dy] = [mine.x - other.x, mine.y - other.y]
        const distance = Math.hypot(dx, dy)
        if (distance >= apart) continue
        // On the very same spot each goes its own way: the golden angle never repeats.
        const angle = distance > 0.01 ? Math.atan2(dy, dx) : i * 2.399963
        const push = (apart - distance + 0.5) / (j === 0 ? 1 : 2)
        mine.x += Math.cos(angle) * push
        mine.y += Math.sin(angle) * push
        if (j > 0) {
          other.x -= Math.cos(angle) * push
          other.y -= Math.sin(angle) * push
        }
        moved = true
      }
    }
    if (!moved) break
  }
  return placed
}

const earthRadiusM = 6_371_000
/** Metres between two places; a town is flat enough. */
export function metresBetween(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const rad = Math.PI / 180
  const x = (b.lon - a.lon) * rad * Math.cos(((a.lat + b.lat) / 2) * rad)
  return Math.hypot(x, (b.lat - a.lat) * rad) * earthRadiusM
}
