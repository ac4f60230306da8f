import type { Counters, Log } from '../connector/context.ts';
import type { DeadLetterTable } from '../connector/dead-letter.ts';
import { RunError } from '../connector/errors.ts';
import type { Rejection, Rejects } from '../connector/rejection.ts';
import type { RowBatch } from '../types/batch.ts';
import { type Letter, letterRows } from './dead-letter-rows.ts';
import type { Observer } from './pipeline.ts';

/** A share says something from so many records on, and is one of about the last `REMEMBERED`. */
const ENOUGH = 100;
const REMEMBERED = 1000;

export interface DeadLetterSettings {
  readonly job: string;
  /** Absent where the job has none. */
  readonly table: DeadLetterTable | undefined;
  readonly timeZone: string;
  /** Highest share of rejected records, 0 to 1 (`cryptopipe.errors.max-ratio`). */
  readonly maxRatio: number;
  readonly log: Log;
  readonly counters: Counters;
  readonly observer?: Observer;
  /** Milliseconds since 1970; the system's clock where absent. */
  readonly now?: () => number;
}

/** Collects what the sources and the sink of one pipeline go on without, until the commit that it belongs to. */
export class DeadLetters {
  readonly #settings: DeadLetterSettings;
  readonly #reading = new Map<string, Letter[]>();
  readonly #told = new Map<string, number>();
  #due: Letter[] = [];
  /** Those of the commit that has begun. */
  #sealed: Letter[] = [];
  #good = 0;
  #bad = 0;
  #last = '';
  /** Writes rows in the commit under way; set by whoever writes the table. */
  late: (rows: RowBatch) => Promise<void> = async () => {};

  constructor(settings: DeadLetterSettings) {
    this.#settings = settings;
  }

  /** What a source is given: its letters wait for `read`. */
  ofSource(id: string): Rejects {
    const waiting: Letter[] = [];
    this.#reading.set(id, waiting);
    return {
      add: (rejection) => waiting.push(...this.#letters(id, [rejection])),
      refuse: () => Promise.reject(new Error('a source has no commit')),
    };
  }

  /** What the sink is given. */
  ofSink(id: string): Rejects {
    return {
      add: (rejection) => this.#due.push(...this.#letters(id, [rejection])),
      refuse: async (rejections) => {
        const letters = this.#letters(id, rejections);
        this.#checkShare();
        if (letters.length > 0) await this.late(this.#rows(letters));
      },
    };
  }

  /** The source's position moved over `rows` rows and what it rejected: both belong to the next commit. */
  read(id: string, rows: number): void {
    const waiting = this.#reading.get(id);
    if (waiting !== undefined && waiting.length > 0) this.#due.push(...waiting.splice(0));
    this.#good += rows;
    this.#checkShare();
  }

  /** Letters that the next commit writes. */
  get pending(): number {
    return this.#due.length;
  }

  /** A commit begins, of the positions as they are now: letters that come until its sink asks for them are of the next. */
  seal(): void {
    this.#sealed.push(...this.#due.splice(0));
  }

  /** The rows of the letters of the commit that has begun; they are the caller's from now on. */
  take(): RowBatch | undefined {
    if (this.#sealed.length === 0) return undefined;
    const rows = this.#rows(this.#sealed);
    this.#sealed = [];
    return rows;
  }

  #rows(letters: readonly Letter[]): RowBatch {
    return letterRows(this.#settings.table!, letters, this.#settings.timeZone);
  }

  /** Counts, and gives the letters of those that belong into the table. */
  #letters(id: string, rejections: readonly Rejection[]): Letter[] {
    const { job, table, observer, now = Date.now } = this.#settings;
    const counters = this.#settings.counters.of?.(id) ?? this.#settings.counters;
    const name = id.replace(/#\d+$/, '');
    const at = now();
    const letters: Letter[] = [];
    for (const rejection of rejections) {
      const { policy, reason, message } = rejection;
      this.#bad++;
      this.#last = message;
      counters.add(`rejected_${reason.replaceAll('-', '_')}`, 1);
      this.#tell(name, rejection);
      observer?.rejected?.(name, rejection);
      if (policy === 'skip') continue;
      if (table === undefined) {
        throw new RunError('no-dead-letter-table', `'${name}' wants dead letters, but the job has no table for them`, {
          help: "SET 'cryptopipe.dead-letter.table' = 'the name of a table'",
        });
      }
      counters.add('dead_letters', 1);
      letters.push({ rejection, job, table: name, at });
    }
    return letters;
  }

  /** The first, the tenth, the hundredth … of a table and reason. */
  #tell(table: string, { reason, policy, message }: Rejection): void {
    const kind = `${table}\0${reason}`;
    const count = (this.#told.get(kind) ?? 0) + 1;
    this.#told.set(kind, count);
    if (/^10*$/.test(String(count))) this.#settings.log.warn('row_rejected', { table, reason, policy, count, message });
  }

  #checkShare(): void {
    const all = this.#good + this.#bad;
    if (all >= ENOUGH && this.#bad > all * this.#settings.maxRatio) {
      const share = `${this.#bad} of the last ${all} records`;
      const limit = `'cryptopipe.errors.max-ratio' allows ${this.#settings.maxRatio}`;
      throw new RunError('too-many-errors', `${share} were rejected, ${limit}. The last one: ${this.#last}`, {
        help: 'repair the source or the job; nothing since the last commit was written',
      });
    }
    if (all < REMEMBERED) return;
    const kept = REMEMBERED / 2 / all;
    this.#good *= kept;
    this.#bad *= kept;
  }
}
