/** When the first values of an object begin to hold: from ever on (OCEL 2.0, section 4). RFC 3339. */
export const FROM_EVER = '1970-01-01T00:00:00.000000Z';
