import type { FormatContext } from '../../engine/connector/format.ts';

/** Names beyond so many are data, not fields: they are passed over in silence. */
const MOST = 100;
/** What a log line shows of a name. */
const SHOWN = 100;

/** Counts and tells, once each, the fields of messages that the table does not declare: 'fields_unknown'. */
export class UnknownFields {
  readonly #known: Set<string>;
  readonly #context: FormatContext;
  #found = 0;
  #begun = false;

  /** `declared`: names of all fields of the table, wanted or not. */
  constructor(declared: Iterable<string>, context: FormatContext) {
    this.#known = new Set(declared);
    this.#context = context;
  }

  /**
   * Takes names of one message. What the first message has is most likely left out on purpose; what appears later is a
   * change of the messages.
   */
  notice(names: readonly string[]): void {
    const later = this.#begun;
    this.#begun = true;
    const fields: string[] = [];
    for (const name of names) {
      if (this.#found === MOST) break;
      if (this.#known.has(name)) continue;
      this.#known.add(name);
      this.#found++;
      fields.push(name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name);
    }
    if (fields.length === 0) return;
    const { counters, log, id } = this.#context;
    counters.add('fields_unknown', fields.length);
    if (log === undefined) return;
    const told = { table: id, fields };
    if (later) log.warn('fields_unknown', told);
    else log.info('fields_unknown', told);
  }
}
