import type { Parts } from '../platform/parts.ts'

/** How often supervision looks. */
export const superviseEveryMs = 30_000
// Two looks missed: for that long nobody may have been there to hear the devices either.
const gapMs = 3 * superviseEveryMs

/**
 * Takes this look for this process; undefined when another has just looked. What comes back is since when somebody has been
 * looking without a gap: the centre having been down is not the fault of the devices, so their silence counts from then.
 */
export async function takeLook({ db, clock }: Pick<Parts, 'db' | 'clock'>): Promise<Date | undefined> {
  const now = clock.now()
  const [row] = await db.query<{ from: Date }>(
    `UPDATE system SET supervised_at = $1::timestamptz,
       supervised_from = CASE WHEN supervised_at > $1::timestamptz - $2 * interval '1 millisecond' THEN supervised_from ELSE $1 END
     WHERE supervised_at IS NULL OR supervised_at <= $1::timestamptz - $3 * interval '1 millisecond' OR supervised_at > $1::timestamptz
     RETURNING supervised_from AS from`,
    // A look may come a little early by its timer.
    [now, gapMs, superviseEveryMs - 1_000],
  )
  return row?.from
}

/**
 * Of a device in service whose type promises heartbeats: lost, late, or heard ($1 now, $2 looking since). It is lost no earlier
 * than one interval after the centre began to listen. Devices in test are being worked on; the others guard nobody yet.
 */
const judged = `
  SELECT d.id, CASE
      WHEN $1 >= heard.at + t.lost_s * interval '1 second' AND $1 >= $2::timestamptz + t.heartbeat_s * interval '1 second' THEN 'lost'
      WHEN $1 >= heard.at + t.late_s * interval '1 second' AND $1 >= $2::timestamptz + t.heartbeat_s * interval '1 second' THEN 'late' END AS silence
  FROM device d JOIN device_type t ON t.code = d.type_code
  CROSS JOIN LATERAL (SELECT coalesce(greatest(d.last_heard_at, d.activated_at), '-infinity') AS at) heard
  WHERE t.heartbeat_s IS NOT NULL AND (d.state = 'in-service' OR (d.state = 'in-test' AND d.test_expires_at <= $1))`

/** Marks whoever has become late or lost, all in one statement. */
export async function markSilent({ db, clock }: Pick<Parts, 'db' | 'clock'>, from: Date): Promise<void> {
  await db.query(
    `WITH judged AS (${judged})
     UPDATE device SET silence = judged.silence, silent_since = $1 FROM judged
     WHERE device.id = judged.id AND judged.silence IS NOT NULL
       AND (device.silence IS NULL OR (device.silence = 'late' AND judged.silence = 'lost'))`,
    [clock.now(), from],
  )
}

export type Back = { id: string; silentSince: Date; told: boolean }

/** Those that are marked and have been heard since, or are no longer to be heard. */
export const heardAgain = ({ db, clock }: Pick<Parts, 'db' | 'clock'>): Promise<Back[]> =>
  db.query<Back>(
    // A gap of ours does not bring anybody back: only a word of the device does.
    `WITH judged AS (${judged})
     SELECT d.id, d.silent_since AS "silentSince", d.lost_told_at IS NOT NULL AS told FROM device d LEFT JOIN judged ON judged.id = d.id
     WHERE d.silence IS NOT NULL AND (judged.id IS NULL OR judged.silence IS NULL)`,
    [clock.now(), '-infinity'],
  )

/** They are well again. */
export async function unmark({ db }: Pick<Parts, 'db'>, ids: string[]): Promise<void> {
  await db.query(`UPDATE device SET silence = NULL, silent_since = NULL, lost_told_at = NULL WHERE id = ANY ($1)`, [
    ids,
  ])
}
