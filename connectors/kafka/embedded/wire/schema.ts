import { MalformedRequest, type Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** A type of the Kafka protocol: how its values are read and written in the version of the message. */
export interface Type<T> {
  read(reader: Reader): T;
  write(writer: Writer, value: T): void;
}

/** The value that a type reads. */
export type ValueOf<T> = T extends Type<infer V> ? V : never;

export const int8: Type<number> = { read: (r) => r.int8(), write: (w, v) => w.int8(v) };
export const int16: Type<number> = { read: (r) => r.int16(), write: (w, v) => w.int16(v) };
export const int32: Type<number> = { read: (r) => r.int32(), write: (w, v) => w.int32(v) };
export const int64: Type<number> = { read: (r) => r.int64(), write: (w, v) => w.int64(v) };
export const boolean: Type<boolean> = { read: (r) => r.int8() !== 0, write: (w, v) => w.int8(v ? 1 : 0) };

/** Sixteen bytes as 32 hexadecimal digits. */
export const uuid: Type<string> = {
  read: (r) => r.slice(16).toString('hex'),
  write: (w, v) => w.raw(Buffer.from(v, 'hex')),
};

/** The UUID that stands for none. */
export const noId = '0'.repeat(32);

export const nullableString: Type<string | null> = {
  read: (r) => {
    const length = r.stringLength();
    return length < 0 ? null : r.text(length);
  },
  write: (w, v) => {
    const length = v === null ? -1 : Buffer.byteLength(v);
    w.stringLength(length);
    if (v !== null) w.text(v, length);
  },
};

export const string: Type<string> = {
  read: (r) => required(nullableString.read(r), 'string'),
  write: nullableString.write,
};

const nullableBytes: Type<Buffer | null> = {
  read: (r) => {
    const length = r.length();
    return length < 0 ? null : r.slice(length);
  },
  write: (w, v) => {
    w.length(v === null ? -1 : v.length);
    if (v !== null) w.raw(v);
  },
};

/** Points into the request when read. */
export const bytes: Type<Buffer> = {
  read: (r) => required(nullableBytes.read(r), 'bytes'),
  write: nullableBytes.write,
};

/** Record batches, one after another: one buffer when read (it points into the request), a list when written. */
export const records: Type<readonly Buffer[] | null> = {
  read: (r) => {
    const read = nullableBytes.read(r);
    return read === null ? null : [read];
  },
  write: (w, v) => {
    if (v === null) return w.length(-1);
    let length = 0;
    for (const batch of v) length += batch.length;
    w.length(length);
    for (const batch of v) w.raw(batch);
  },
};

export function nullableArray<T>(type: Type<T>): Type<readonly T[] | null> {
  return {
    read: (r) => {
      const length = r.length();
      if (length < 0) return null;
      // An element has at least one byte: a length beyond the request is a lie that must not be allocated for.
      if (length > r.bytes.length - r.at) throw new MalformedRequest(`an array of ${length} elements`);
      const values: T[] = [];
      for (let i = 0; i < length; i++) values.push(type.read(r));
      return values;
    },
    write: (w, values) => {
      w.length(values === null ? -1 : values.length);
      if (values !== null) for (const value of values) type.write(w, value);
    },
  };
}

export function array<T>(type: Type<T>): Type<readonly T[]> {
  const nullable = nullableArray(type);
  return { read: (r) => required(nullable.read(r), 'array'), write: nullable.write };
}

/** A field of the versions from `first` on, up to `last`; in others it is `absent` when read and is not written. */
export function since<T>(first: number, type: Type<T>, absent: T, last = 99): Type<T> {
  return {
    read: (r) => (r.version >= first && r.version <= last ? type.read(r) : absent),
    write: (w, v) => {
      if (w.version >= first && w.version <= last) type.write(w, v);
    },
  };
}

/** A field of the versions up to `last`. */
export function until<T>(last: number, type: Type<T>, absent: T): Type<T> {
  return since(0, type, absent, last);
}

type Fields = Readonly<Record<string, Type<unknown>>>;
type Struct<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** The fields one after another; in flexible versions tagged fields follow, of which this broker uses none. */
export function struct<const F extends Fields>(fields: F): Type<Struct<F>> {
  const entries = Object.entries(fields);
  return {
    read: (r) => {
      const value: Record<string, unknown> = {};
      for (const [name, type] of entries) value[name] = type.read(r);
      if (r.flexible) skipTags(r);
      return value as Struct<F>;
    },
    write: (w, struct) => {
      for (const [name, type] of entries) type.write(w, struct[name]);
      if (w.flexible) w.unsignedVarint(0);
    },
  };
}

/** Tagged fields: count UNSIGNED_VARINT, then for each tag UNSIGNED_VARINT, size UNSIGNED_VARINT and value. */
export function skipTags(r: Reader): void {
  for (let count = r.unsignedVarint(); count > 0; count--) {
    r.unsignedVarint();
    r.take(r.unsignedVarint());
  }
}

function required<T>(value: T | null, what: string): T {
  if (value === null) throw new MalformedRequest(`NULL where a ${what} must be`);
  return value;
}
