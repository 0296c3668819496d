import { frail } from '../devices/lost.ts'
import { columns } from '../incidents/store.ts'
import { farAwayM, homeSql } from '../platform/place.ts'

/**
 * The hot statement; everything in it commits together.
 *
 * - A press that is stored already (device, sequence) changes nothing and gets the ids it got the first time. The alarm is
 *   inserted without ON CONFLICT: if the same press is being stored by another process at this moment, the whole statement
 *   fails on the unique key and is tried again, instead of attaching twice.
 * - The partial unique index on the subject makes "open a new incident or attach to the open one" a single upsert.
 *   Groups are sorted by subject, so that two batches lock in one order.
 * - It is planned once, for whatever number of signals (db.ts): each look-up is LATERAL with LIMIT 1, which can only be an
 *   index scan a signal, and the steps are joined by hashing; a nested loop over them would cost the square of a batch.
 * - A sequence below zero is a word of our supervision about the device: it was not heard by it, and its class is as given.
 * - Below zero and of somebody in need it is a device in test that was pressed again and again: that is no test any more.
 * - A press that somebody on the telephone asked for (`test_call_until`) is a test, and ends that wait in the same statement:
 *   the next one is real, even in the same batch. Smoke or a fall is never taken for it.
 * - The timeline's hash chain runs on in the upsert: `digest` is what the new fact says, `head` chains it to the one before.
 */
export const openFromAlarmSql = `
WITH input AS (
  SELECT * FROM unnest($1::int[], $2::bytea[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::int[], $8::timestamptz[],
    $9::timestamptz[], $10::real[], $11::float8[], $12::float8[], $13::text[], $18::uuid[], $19::uuid[], $20::boolean[],
    $21::timestamptz[], $22::uuid[], $23::text[], $24::text[], $25::uuid[], $26::text[])
    AS t(n, key_hash, alarm_id, incident_id, sequence, type, class, pressed_at, received_at, battery, lat, lon, notes, outbox_1, outbox_2, timed, again_after, by_id, words,
      voice, outbox_3, own_number)
), known AS (
  SELECT i.*, d.id AS device_id, d.resident_id, d.area_id, area.path AS area_path,
    coalesce('resident:' || d.resident_id, 'device:' || d.id) AS subject,
    CASE WHEN i.sequence < 0 THEN 'system' ELSE 'device:' || d.id END AS actor,
    CASE WHEN i.type = 'tamper' AND ${frail} THEN 3
      WHEN i.class <= 3 AND (i.sequence >= 0 OR i.type NOT IN ('line', 'fault', 'low-battery', 'mains', 'tamper', 'test')) THEN least(i.class, coalesce(r.line_class, 3)) ELSE i.class END AS need_class,
    coalesce(r.languages[1], 'zh') AS language,
    -- Too far from home it is shown and decides nothing: the home stays.
    CASE WHEN far.away THEN h.lat ELSE coalesce(i.lat, h.lat) END AS need_lat, CASE WHEN far.away THEN h.lon ELSE coalesce(i.lon, h.lon) END AS need_lon,
    CASE WHEN NOT far.away THEN i.lat END AS fix_lat, CASE WHEN NOT far.away THEN i.lon END AS fix_lon, far.away AS far_away, NOT coalesce(r.active, true) AS file_closed,
    (i.type = 'test' OR (d.state = 'in-test' AND (d.test_expires_at IS NULL OR d.test_expires_at > $14) AND NOT (i.sequence < 0 AND i.type NOT IN ('line', 'fault', 'low-battery', 'mains', 'tamper', 'test')))) AS in_test,
    d.state = 'activated' AND i.sequence >= 0 AND (i.class <= 3 OR i.type = 'test') AS first_test,
    d.state, d.test_call_until > $14 AND i.sequence >= 0 AND i.type IN ('button', 'test') AS asked,
    -- The same number and the same press, or the same number within its time: sent again. Else the device counts anew.
    CASE WHEN again.sent THEN e.id END AS known_alarm, CASE WHEN again.sent THEN e.incident_id END AS known_incident,
    CASE WHEN e.id IS NULL THEN 0 ELSE e.round + 1 END AS round
  FROM input i
  CROSS JOIN LATERAL (SELECT * FROM device WHERE device.key_hash = i.key_hash UNION ALL SELECT * FROM device WHERE device.id = i.by_id LIMIT 1) d
  CROSS JOIN LATERAL (SELECT path, lat, lon FROM area WHERE area.id = d.area_id LIMIT 1) area
  LEFT JOIN LATERAL (SELECT line_class, languages, household_id, risks, mobility, active FROM resident WHERE resident.id = d.resident_id LIMIT 1) r ON true
  LEFT JOIN LATERAL (SELECT ${homeSql('lat', 'household', 'area')} AS lat, ${homeSql('lon', 'household', 'area')} AS lon FROM household WHERE household.id = r.household_id LIMIT 1) h ON true
  CROSS JOIN LATERAL (SELECT i.lat IS NOT NULL AND earth_distance(ll_to_earth(i.lat, i.lon), ll_to_earth(coalesce(h.lat, area.lat), coalesce(h.lon, area.lon))) > ${farAwayM} AS away) far
  LEFT JOIN LATERAL (SELECT * FROM alarm a WHERE a.device_id = d.id AND a.sequence = i.sequence ORDER BY a.round DESC LIMIT 1) e ON true
  CROSS JOIN LATERAL (SELECT e.id IS NOT NULL AND (e.received_at > i.again_after OR (e.type = i.type AND i.timed AND e.pressed_at = i.pressed_at)) AS sent) again
), once AS (
  SELECT DISTINCT ON (device_id, sequence) * FROM known WHERE known_alarm IS NULL ORDER BY device_id, sequence, n
), judged AS (
  SELECT *, coalesce(asked AND n = min(n) FILTER (WHERE asked) OVER (PARTITION BY device_id), false) AS awaited FROM once
), fresh AS (
  -- Who asks to be called is called now; who was told to call has its time ($27).
  SELECT *, in_test OR awaited AS testing,
    CASE WHEN in_test OR awaited THEN NULL WHEN voice = 'asks' THEN $14 WHEN voice = 'calls' THEN $27::timestamptz END AS voice_due_at FROM judged
), need AS (
  SELECT DISTINCT ON (subject) *,
    jsonb_build_object('alarmIds', array_agg(alarm_id) OVER w, 'deviceId', device_id, 'kind', type, 'class', need_class, 'signals', count(*) OVER w)
      || CASE WHEN words = '' THEN '{}' ELSE jsonb_build_object('said', words) END
      || CASE WHEN fix_lat IS NULL THEN '{}' ELSE jsonb_build_object('lat', fix_lat, 'lon', fix_lon) END AS said
  FROM fresh WHERE NOT testing
  WINDOW w AS (PARTITION BY subject)
  ORDER BY subject, need_class, n
), incident AS (
  INSERT INTO incident (id, status, kind, class, subject, resident_id, device_id, area_id, area_path, language, lat, lon, opened_at,
    queued_at, waiting_since, rank_at, signals, previous_id, sticky_operator_id, file_closed, digest, head)
  SELECT need.incident_id, 'waiting', type, need_class, need.subject, resident_id, device_id, area_id, area_path, language, need_lat, need_lon,
    $14, $14, $14, $14 + ($15::int[])[need_class] * interval '1 second', (said->>'signals')::int, before.id, before.owner_id, file_closed,
    fact_digest($14, need.actor, said), fact_chain('', 'opened', fact_digest($14, need.actor, said))
  FROM need LEFT JOIN LATERAL (
    SELECT p.id, p.owner_id FROM incident p
    WHERE p.subject = need.subject AND p.status IN ('wrap-up', 'closed') AND coalesce(p.closed_at, p.resolved_at, p.opened_at) > $16 ORDER BY p.opened_at DESC LIMIT 1) before ON true
  ORDER BY need.subject
  ON CONFLICT (subject) WHERE status IN ('waiting', 'triage', 'response') DO UPDATE SET
    signals = incident.signals + excluded.signals,
    kind = CASE WHEN excluded.class < incident.class THEN excluded.kind ELSE incident.kind END,
    held_until = NULL,
    hold_reason = NULL,
    quiet_until = NULL,
    -- They took responsibility for something less grave: it climbs again.
    on_call_at = CASE WHEN excluded.class < incident.class THEN NULL ELSE incident.on_call_at END,
    lat = coalesce((SELECT n.fix_lat FROM need n WHERE n.subject = excluded.subject), incident.lat),
    lon = coalesce((SELECT n.fix_lon FROM need n WHERE n.subject = excluded.subject), incident.lon),
    changed_xid = pg_current_xact_id(),
    class = least(incident.class, excluded.class),
    rank_at = incident.queued_at + ($15::int[])[least(incident.class, excluded.class)] * interval '1 second',
    version = incident.version + 1,
    seq = nextval('change_seq'),
    digest = excluded.digest,
    head = fact_chain(incident.head, 'attached', excluded.digest)
  RETURNING *, (xmax = 0) AS opened
), said AS (
  INSERT INTO fact (incident_id, seq, type, at, actor, data, hash)
  SELECT incident.id, version, CASE WHEN opened THEN 'opened' ELSE 'attached' END, $14, need.actor, said, head
  FROM incident JOIN need USING (subject)
), stored AS (
  INSERT INTO alarm (id, device_id, sequence, round, type, pressed_at, received_at, battery, lat, lon, handling, notes, incident_id, said, voice, voice_due_at)
  SELECT fresh.alarm_id, fresh.device_id, fresh.sequence, fresh.round, fresh.type, fresh.pressed_at, fresh.received_at, fresh.battery, fresh.lat, fresh.lon,
    CASE WHEN fresh.testing THEN 'test' WHEN incident.opened AND need.n = fresh.n THEN 'opened' ELSE 'attached' END,
    string_to_array(fresh.notes, ',') || CASE WHEN fresh.round > 0 THEN '{sequence-reused}' ELSE '{}' END::text[]
      || CASE WHEN fresh.first_test THEN '{first-test}' ELSE '{}' END::text[]
      || CASE WHEN fresh.far_away THEN '{position-far}' ELSE '{}' END::text[]
      || CASE WHEN fresh.file_closed THEN '{file-closed}' ELSE '{}' END::text[]
      || CASE WHEN fresh.type = 'tamper' AND fresh.need_class = 3 THEN '{call-resident}' ELSE '{}' END::text[],
    CASE WHEN fresh.testing THEN NULL ELSE incident.id END, fresh.words, fresh.voice, fresh.voice_due_at
  FROM fresh LEFT JOIN incident USING (subject) LEFT JOIN need USING (subject)
  RETURNING id, device_id, sequence, handling, incident_id
), handed_on AS (
  INSERT INTO outbox (id, kind, subject, due_at)
  SELECT need.outbox_1, 'route-incident', incident.id::text, $14 FROM incident JOIN need USING (subject)
    WHERE incident.status = 'waiting' AND (opened OR need_class = 1)
  UNION ALL
  -- Attached while it waits: a graver class may have a step that is over already.
  SELECT need.outbox_2, 'escalate-incident', incident.id::text, CASE WHEN opened THEN $17 ELSE $14 END FROM incident JOIN need USING (subject)
    WHERE opened OR (incident.status = 'waiting' AND need_class < 4)
  UNION ALL
  SELECT outbox_1, 'end-test-call', device_id::text, $14 FROM fresh WHERE awaited
  UNION ALL
  SELECT outbox_3, 'check-unit-call', alarm_id::text, voice_due_at FROM fresh WHERE voice_due_at IS NOT NULL
), heard AS (
  UPDATE device SET last_heard_at = greatest(device.last_heard_at, last.received_at), battery = coalesce(last.battery, device.battery),
    battery_at = CASE WHEN last.battery IS NULL THEN device.battery_at ELSE last.received_at END,
    own_number = coalesce(last.own_number, device.own_number),
    first_press_at = CASE WHEN last.first_test THEN coalesce(device.first_press_at, last.received_at) ELSE device.first_press_at END,
    last_good_test_at = CASE WHEN last.tested THEN last.received_at ELSE device.last_good_test_at END,
    test_call_until = CASE WHEN last.met THEN NULL ELSE device.test_call_until END
  FROM (SELECT DISTINCT ON (device_id) *, bool_or(testing) OVER d AS tested, bool_or(awaited) OVER d AS met
    FROM fresh WHERE sequence >= 0 WINDOW d AS (PARTITION BY device_id) ORDER BY device_id, n DESC) last
  WHERE device.id = last.device_id AND device.id = ANY (ARRAY(SELECT device_id FROM fresh))
)
SELECT known.n, coalesce(known.known_alarm, stored.id) AS "alarmId",
  CASE WHEN known.known_alarm IS NOT NULL THEN known.known_incident ELSE stored.incident_id END AS "incidentId",
  (known.known_alarm IS NOT NULL OR stored.id <> known.alarm_id) AS duplicate,
  coalesce(stored.handling, '') AS handling,
  array_remove(ARRAY[CASE WHEN known.in_test OR stored.handling = 'test' THEN 'in-test' END, CASE WHEN known.state = 'out-of-service' THEN 'out-of-service' END,
    CASE WHEN known.round > 0 AND known.known_alarm IS NULL THEN 'sequence-reused' END, CASE WHEN known.first_test THEN 'first-test' END,
    CASE WHEN known.far_away THEN 'position-far' END, CASE WHEN known.file_closed THEN 'file-closed' END,
    CASE WHEN known.type = 'tamper' AND known.need_class = 3 THEN 'call-resident' END], NULL) AS "deviceNotes",
  incident.opened, (need.n IS NOT NULL) AS pushed, ${columns}
FROM known
LEFT JOIN stored ON stored.device_id = known.device_id AND stored.sequence = known.sequence
LEFT JOIN need ON need.n = known.n
LEFT JOIN incident ON incident.subject = need.subject`
