import type { Rejection } from '../../engine/index.ts';
import type { BytesView, Entry, LetterView, LogView, Problems } from './messages.ts';
import type { Redaction } from './redaction.ts';

const KINDS = 100;
export const LETTERS = 50;
/** Bytes of a key or value that are kept, and characters of a field. */
const BYTES = 1024;
const CHARACTERS = 2000;

/** What tells one kind of trouble from another; everything else of an event differs from time to time. */
const telling = ['component', 'code', 'reason', 'table', 'pipeline', 'job', 'rule', 'subject', 'topic', 'worker'];

/** What a job went on without, with no more of its bytes than will be shown; secrets are still in it. */
export interface KeptLetter extends Omit<LetterView, 'key' | 'value'> {
  readonly key: Cut | null;
  readonly value: Cut | null;
}

interface Cut {
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** What of a rejection of `table` is kept. */
export function letterOf(
  table: string,
  { reason, policy, message, split, position, key, value }: Rejection,
): KeptLetter {
  const place = split === undefined ? '' : position === undefined ? split : `${split} at ${position}`;
  const told = { time: Date.now(), table, reason, policy, message: shorten(message), place };
  return { ...told, key: cut(key), value: cut(value) };
}

/** Remembers the newest kinds of warnings and errors, and the newest records that a job went on without. */
export class ProblemRing {
  readonly #kinds = new Map<string, LogView>();
  readonly #letters: KeptLetter[] = [];
  /** Grows with everything that is added. */
  version = 0;

  /** Takes what was logged; less than a warning is no problem. Secrets are already hidden. */
  logged(level: string, event: string, fields: Readonly<Record<string, unknown>>): void {
    if (level !== 'warn' && level !== 'error') return;
    this.version++;
    const now = Date.now();
    const key = JSON.stringify([event, ...telling.map((name) => fields[name])]);
    const known = this.#kinds.get(key);
    this.#kinds.delete(key);
    this.#kinds.set(key, {
      level,
      event,
      fields: Object.entries(fields).map(([name, value]): Entry => [name, shorten(value)]),
      count: (known?.count ?? 0) + 1,
      first: known?.first ?? now,
      last: now,
    });
    if (this.#kinds.size > KINDS) this.#kinds.delete(this.#kinds.keys().next().value!);
  }

  rejected(...letters: readonly KeptLetter[]): void {
    this.version++;
    this.#letters.push(...letters);
    this.#letters.splice(0, this.#letters.length - LETTERS);
  }

  view(redaction: Redaction): Problems {
    const bytes = (kept: Cut | null): BytesView | null =>
      kept === null ? null : { hex: Buffer.from(redaction.bytes(kept.bytes)).toString('hex'), size: kept.size };
    return {
      log: [...this.#kinds.values()].reverse(),
      letters: this.#letters
        .map((letter) => ({
          ...letter,
          message: redaction.text(letter.message),
          key: bytes(letter.key),
          value: bytes(letter.value),
        }))
        .reverse(),
    };
  }
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length <= CHARACTERS ? text : `${text.slice(0, CHARACTERS)} …`;
}

function cut(bytes: Uint8Array | null | undefined): Cut | null {
  return bytes === null || bytes === undefined ? null : { bytes: bytes.slice(0, BYTES), size: bytes.length };
}
