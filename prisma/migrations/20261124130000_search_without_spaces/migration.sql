-- Addresses are found as people type them, without the spaces between road, building and room. New and changed rows are
-- written so by server/platform/search-text.ts; this adds it to those that are there. A Chinese character stands in the
-- column as Z and its code point in the letters G to V, as `capitals` writes it.
CREATE FUNCTION pg_temp.capitals(written text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(
    CASE WHEN ascii(one) BETWEEN 13312 AND 40959 OR ascii(one) >= 131072 OR ascii(one) IN (12293, 12295)
      THEN 'Z' || translate(to_hex(ascii(one)), '0123456789abcdef', 'GHIJKLMNOPQRSTUV') ELSE lower(one) END, '' ORDER BY n)
  FROM regexp_split_to_table(written, '') WITH ORDINALITY AS t(one, n)
$$;

UPDATE household SET search = search || ' ' || pg_temp.capitals(replace(address || building || entrance || room, ' ', ''));
UPDATE resident SET search = resident.search || ' ' || pg_temp.capitals(replace(h.address || h.building || h.entrance || h.room, ' ', ''))
  FROM household h WHERE h.id = resident.household_id;
