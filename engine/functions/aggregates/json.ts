import { type Column, columnOf, valueAt } from '../../types/batch.ts';
import { isText } from '../../types/coerce.ts';
import { type DataType, type Scalar, type } from '../../types/data-type.ts';
import { type Accumulators, type AggregateRows, defineAggregate, isRetraction } from '../aggregate.ts';
import { type Argument, EvaluationError } from '../define.ts';
import { jsonArgumentWriter, jsonObjectText } from '../json-construct.ts';
import { checkCount, wrongType } from '../signature.ts';
import { ValueLists } from './value-lists.ts';

/** Flink's type of both. */
const result = type.varchar(2000, false);

type Write = (value: Scalar) => string;

/** The members of an object for each group, as JSON texts. */
class Members implements Accumulators {
  readonly #write: Write;
  readonly #absent: boolean;
  readonly #parameters: readonly [key: DataType, value: DataType];
  readonly #members: Map<string, string>[] = [];

  constructor(parameters: readonly [key: DataType, value: DataType], write: Write, absent: boolean) {
    this.#parameters = parameters;
    this.#write = write;
    this.#absent = absent;
  }

  grow(capacity: number): void {
    while (this.#members.length < capacity) this.#members.push(new Map());
  }

  clear(slot: number): void {
    this.#members[slot] = new Map();
  }

  update({ columns, rows, slots, length, kinds }: AggregateRows): void {
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      const members = this.#members[slots[i]!]!;
      const key = valueAt(this.#parameters[0], columns[0]!, row) as string | null;
      const value = valueAt(this.#parameters[1], columns[1]!, row);
      if (key === null) throw new EvaluationError('a key of JSON_OBJECTAGG is NULL');
      if (value === null && this.#absent) continue;
      if (kinds !== undefined && isRetraction(kinds[row]!)) members.delete(key);
      else this.#add(members, key, this.#write(value));
    }
  }

  merge(from: number, to: number): void {
    for (const [key, value] of this.#members[from]!) this.#add(this.#members[to]!, key, value);
  }

  values(slots: Int32Array, length: number): Column {
    return columnOf(
      result,
      Array.from({ length }, (_, i) => jsonObjectText([...this.#members[slots[i]!]!])),
    );
  }

  save(slot: number): unknown {
    return new Map(this.#members[slot]);
  }

  load(slot: number, saved: unknown): void {
    this.#members[slot] = saved as Map<string, string>;
  }

  snapshot(limit: number): unknown {
    return this.#members.slice(0, limit).map((members) => new Map(members));
  }

  restore(image: unknown): void {
    this.#members.length = 0;
    for (const members of image as readonly ReadonlyMap<string, string>[]) this.#members.push(new Map(members));
  }

  #add(members: Map<string, string>, key: string, value: string): void {
    if (members.has(key)) throw new EvaluationError(`JSON_OBJECTAGG has the key '${key}' twice in a group`);
    members.set(key, value);
  }
}

export const jsonObjectagg = defineAggregate({
  name: 'JSON_OBJECTAGG',
  doc: 'A JSON object of a key and a value from each row, keys in order; a key that comes twice is an error.',
  syntax: ['JSON_OBJECTAGG([KEY] k VALUE v [NULL | ABSENT ON NULL])'],
  examples: [
    { sql: 'JSON_OBJECTAGG(KEY a VALUE b)', rows: "('y', 2), ('x', 1)", value: '{"x":1,"y":2}' },
    {
      sql: 'JSON_OBJECTAGG(KEY a VALUE b ABSENT ON NULL)',
      rows: "('y', CAST(NULL AS INT)), ('x', 1)",
      value: '{"x":1}',
    },
  ],
  resolve: (args, { onNull }) => {
    const wrong = checkCount('JSON_OBJECTAGG', args.length, 2);
    if (wrong !== undefined) return wrong;
    const [key, value] = args as [Argument, Argument];
    if (!isText(key.type)) return wrongType('JSON_OBJECTAGG', 'a string as key', key, 0);
    const write = jsonArgumentWriter('JSON_OBJECTAGG', value, 1);
    if (typeof write !== 'function') return write;
    const absent = onNull === 'ABSENT';
    return {
      type: result,
      parameters: [key.type, value.type],
      ...(absent ? { clauses: 'ABSENT ON NULL' } : {}),
      create: () => new Members([key.type, value.type], write, absent),
    };
  },
});

export const jsonArrayagg = defineAggregate({
  name: 'JSON_ARRAYAGG',
  doc: 'A JSON array of all values in the order in which they came; NULL is left out unless NULL ON NULL is said.',
  syntax: ['JSON_ARRAYAGG(x [NULL | ABSENT ON NULL])'],
  examples: [
    { sql: 'JSON_ARRAYAGG(a)', rows: "('x'), (CAST(NULL AS STRING)), ('y')", value: '["x","y"]' },
    { sql: 'JSON_ARRAYAGG(a NULL ON NULL)', rows: '(1), (CAST(NULL AS INT))', value: '[1,null]' },
  ],
  resolve: (args, { onNull }) => {
    const wrong = checkCount('JSON_ARRAYAGG', args.length, 1);
    if (wrong !== undefined) return wrong;
    const element = args[0]!.type;
    const write = jsonArgumentWriter('JSON_ARRAYAGG', args[0]!, 0);
    if (typeof write !== 'function') return write;
    const keepNulls = onNull === 'NULL';
    return {
      type: result,
      parameters: [element],
      ...(keepNulls ? { clauses: 'NULL ON NULL' } : {}),
      create: () => new ValueLists({ element, result, keepNulls, finish: (list) => `[${list.map(write).join(',')}]` }),
    };
  },
});
