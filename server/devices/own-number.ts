/** The telephone number of a device itself: what it said last, or the number by which it is known. */
export const ownNumberSql = `coalesce(own_number, CASE WHEN protocol = 'contact-id' AND account LIKE '+%' THEN account END)`
