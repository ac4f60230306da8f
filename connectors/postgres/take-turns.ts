import type { PGlite } from '@electric-sql/pglite';

/** Messages of the extended protocol: until Sync they belong together. */
const PARTS: ReadonlySet<number> = new Set(Buffer.from('PBDECHF'));

/**
 * All clients share one session of PGlite, and its socket server hands it their messages one by one: only within a
 * transaction does it let a client finish. A statement that comes as Parse, Bind, Execute and Sync has to be finished too,
 * or the statement of another client takes the place of the one just parsed.
 */
export function takeTurns(database: PGlite): void {
  let unfinished = false;
  const isInTransaction = database.isInTransaction.bind(database);
  const stream = database.execProtocolRawStream.bind(database);
  const exec = database.exec.bind(database);
  database.isInTransaction = () => unfinished || isInTransaction();
  database.execProtocolRawStream = (message, options) => {
    unfinished = PARTS.has(message[0]!);
    return stream(message, options);
  };
  // The server undoes with it what a client left that went away.
  database.exec = (text, options) => {
    unfinished = false;
    return exec(text, options);
  };
}
