/** Entries of a column's table of recent texts, a power of two. */
export const CACHE_SIZE = 1024;

/** Longer texts seldom repeat and would hold memory. */
export const CACHED_LENGTH = 64;

/** So many texts enter the table between two batches: where texts never repeat, keeping them would only cost. */
export const CACHED_PER_BATCH = 64;

/** Whether an ASCII text has the bytes at `at`; its length was compared before. */
export function sameBytes(text: string, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[at + i]) return false;
  return true;
}

/** The text of ASCII bytes. */
export function buildString(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}
