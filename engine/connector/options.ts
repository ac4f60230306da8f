export type Role = 'source' | 'sink';

interface OptionBase<T> {
  readonly doc: string;
  /** Turns the text of a WITH clause into the value, or says what was expected: "a whole number of at least 1". */
  parse(text: string): { readonly value: T } | { readonly expected: string };
  /** What a user would write; read by the same `parse`. Absent: the option has no value unless given. */
  readonly default?: string;
  /** true: always; a role: only where the table is used so. */
  readonly required?: boolean | Role;
  /** Only for tables used so; absent: for both. */
  readonly role?: Role;
  /** Shown as *** everywhere. Every option has a decision; `option.*` defaults to false. */
  readonly secret: boolean;
  /** What may be shown of a text that can hold a secret, such as a url; absent: all of it. */
  redact?(text: string): string;
  /** Flink has no such option: `validate --portable` rejects it in WITH. */
  readonly ours?: boolean;
}

export interface Option<T = unknown> extends OptionBase<T> {
  readonly kind: 'string' | 'int' | 'long' | 'boolean' | 'duration' | 'size' | 'enum' | 'list' | 'format' | 'others';
  /** `enum` only. */
  readonly values?: readonly string[];
  /** `others` only: which of the keys it takes are secret. */
  readonly secretKeys?: RegExp;
}

/** Option key → declaration. A key that ends in '*' takes all keys with that prefix (`properties.*`). */
export type OptionDeclarations = Readonly<Record<string, Option>>;

type ValueOf<O> = O extends Option<infer T> ? T : never;

/**
 * Typed values by key. Keys with a default or required by every role are always there; others may be undefined.
 * A prefix key such as 'properties.*' holds a Map from the rest of the key to its text.
 */
export type OptionValues<D extends OptionDeclarations> = {
  readonly [K in keyof D]: D[K] extends
    | { readonly default: string }
    | { readonly required: true }
    | { readonly kind: 'others' }
    ? ValueOf<D[K]>
    : ValueOf<D[K]> | undefined;
};

type Extra = Partial<Pick<OptionBase<unknown>, 'default' | 'required' | 'role' | 'secret' | 'redact' | 'ours'>>;

function make<T, const K extends Option['kind'], const E extends Extra>(
  kind: K,
  doc: string,
  extra: E | undefined,
  parse: OptionBase<T>['parse'],
) {
  return { kind, doc, parse, secret: false, ...extra } as unknown as Option<T> & { readonly kind: K } & E;
}

const wholeNumber = /^[+-]?\d+$/;

/** Declares options: `option.int('Rows per flush.', { default: '100', role: 'sink' })`. */
export const option = {
  string: <const E extends Extra>(doc: string, extra?: E) =>
    make<string, 'string', E>('string', doc, extra, (value) => ({ value })),

  int: <const E extends Extra & { min?: number; max?: number }>(doc: string, extra?: E) =>
    make<number, 'int', E>('int', doc, extra, (text) => {
      const value = Number(text.trim());
      const min = extra?.min ?? -2147483648;
      const max = extra?.max ?? 2147483647;
      if (wholeNumber.test(text.trim()) && value >= min && value <= max) return { value };
      return { expected: extra?.min === undefined ? 'a whole number' : `a whole number of at least ${min}` };
    }),

  long: <const E extends Extra>(doc: string, extra?: E) =>
    make<bigint, 'long', E>('long', doc, extra, (text) =>
      wholeNumber.test(text.trim()) ? { value: BigInt(text.trim()) } : { expected: 'a whole number' },
    ),

  boolean: <const E extends Extra>(doc: string, extra?: E) =>
    make<boolean, 'boolean', E>('boolean', doc, extra, (text) => {
      const lower = text.trim().toLowerCase();
      return lower === 'true' || lower === 'false' ? { value: lower === 'true' } : { expected: "'true' or 'false'" };
    }),

  /** Milliseconds. Flink's texts: '10s', '1 min', '500 ms', '1h 30min' is not one; a bare number is milliseconds. */
  duration: <const E extends Extra>(doc: string, extra?: E) =>
    make<number, 'duration', E>('duration', doc, extra, (text) => {
      const value = parseDuration(text);
      return value === undefined ? { expected: "a duration such as '500 ms', '10 s' or '5 min'" } : { value };
    }),

  /** Bytes: '64mb', '1 kb', '100'. */
  size: <const E extends Extra>(doc: string, extra?: E) =>
    make<number, 'size', E>('size', doc, extra, (text) => {
      const value = parseSize(text);
      return value === undefined ? { expected: "a size such as '512 kb' or '64 mb'" } : { value };
    }),

  /** Case does not matter, as in Flink. */
  oneOf: <const V extends readonly string[], const E extends Extra>(values: V, doc: string, extra?: E) => ({
    ...make<V[number], 'enum', E>('enum', doc, extra, (text) => {
      const value = values.find((v) => v.toLowerCase() === text.trim().toLowerCase());
      return value === undefined ? { expected: `one of ${values.map((v) => `'${v}'`).join(', ')}` } : { value };
    }),
    values: values as readonly string[],
  }),

  /** Separated by ';'. */
  list: <const E extends Extra>(doc: string, extra?: E) =>
    make<readonly string[], 'list', E>('list', doc, extra, (text) => {
      const value = text
        .split(';')
        .map((part) => part.trim())
        .filter((part) => part !== '');
      return value.length === 0 ? { expected: "names separated by ';'" } : { value };
    }),

  /** The name of a format; its own options follow under '<name>.'. */
  format: <const E extends Extra>(doc: string, extra?: E) =>
    make<string, 'format', E>('format', doc, extra, (value) => ({ value: value.trim() })),

  /** All keys with the prefix, e.g. 'properties.*'. */
  others: <const E extends Extra & { secretKeys?: RegExp }>(doc: string, extra?: E) =>
    make<ReadonlyMap<string, string>, 'others', E>('others', doc, extra, () => ({
      expected: 'a key after the prefix',
    })),
};

const durationUnits: ReadonlyMap<string, number> = new Map([
  ...['d', 'day', 'days'].map((u) => [u, 86_400_000] as const),
  ...['h', 'hour', 'hours'].map((u) => [u, 3_600_000] as const),
  ...['min', 'm', 'minute', 'minutes'].map((u) => [u, 60_000] as const),
  ...['s', 'sec', 'secs', 'second', 'seconds'].map((u) => [u, 1000] as const),
  ...['', 'ms', 'milli', 'millis', 'millisecond', 'milliseconds'].map((u) => [u, 1] as const),
  ...['µs', 'micro', 'micros', 'microsecond', 'microseconds'].map((u) => [u, 1e-3] as const),
  ...['ns', 'nano', 'nanos', 'nanosecond', 'nanoseconds'].map((u) => [u, 1e-6] as const),
]);

/** Milliseconds of Flink's duration text, or undefined. ISO-8601 (`PT10S`) is accepted as Flink does. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  const iso = /^p(?:(\d+)d)?(?:t(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?)?$/.exec(trimmed);
  if (iso !== null && trimmed.length > 2) {
    const [, d, h, m, s] = iso;
    return Number(d ?? 0) * 86_400_000 + Number(h ?? 0) * 3_600_000 + Number(m ?? 0) * 60_000 + Number(s ?? 0) * 1000;
  }
  const match = /^(\d+)\s*([a-zµ]*)$/.exec(trimmed);
  const unit = match === null ? undefined : durationUnits.get(match[2]!);
  return unit === undefined ? undefined : Number(match![1]) * unit;
}

const sizeUnits: ReadonlyMap<string, number> = new Map([
  ...['', 'b', 'bytes'].map((u) => [u, 1] as const),
  ...['k', 'kb', 'kibibytes'].map((u) => [u, 1024] as const),
  ...['m', 'mb', 'mebibytes'].map((u) => [u, 1024 ** 2] as const),
  ...['g', 'gb', 'gibibytes'].map((u) => [u, 1024 ** 3] as const),
]);

/** Bytes of Flink's memory size text, or undefined. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)\s*([a-z]*)$/.exec(text.trim().toLowerCase());
  const unit = match === null ? undefined : sizeUnits.get(match[2]!);
  return unit === undefined ? undefined : Number(match![1]) * unit;
}
