/** What the connector does about an error of the server, by its SQLSTATE. */
export type Reaction =
  /** The connection or the server: try again later, from the checkpoint. */
  | 'passing'
  /** The transaction lost against another one and is certainly undone: repeat it at once. */
  | 'repeat'
  /** Something about the values of one row. */
  | 'row'
  /** A prepared statement that this server process does not have: a pooler is in between. */
  | 'unprepared'
  | 'lasting';

/** ON CONFLICT DO UPDATE met a row that the same statement wrote before. */
export const KEY_TWICE = '21000';

/** Limits of one row, views WITH CHECK OPTION and what triggers raise. */
const ofOneRow = /^(22...|23...|54000|44000|P0001)$/;
const passing = /^(08...|53...|58...|57P0[1-5]|57014|25006|25P03|25P04|40003)$/;
const repeat = /^(40001|40P01|55P03)$/;
const unprepared = /^(26000|42P05)$/;

/**
 * Passing are, besides lost connections (08): lack of connections, memory or disk (53), I/O errors (58), shutdowns and
 * failovers (57P01–05, 25006 from a standby), cancelled statements (57014, 25P03, 25P04).
 */
export function reactionTo(sqlState: string): Reaction {
  if (repeat.test(sqlState)) return 'repeat';
  if (unprepared.test(sqlState)) return 'unprepared';
  if (passing.test(sqlState)) return 'passing';
  if (ofOneRow.test(sqlState)) return 'row';
  return 'lasting';
}
