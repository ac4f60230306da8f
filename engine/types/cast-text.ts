import { bytesOf, codePointCount, firstCodePoints } from './bytes-text.ts';
import { isBinary, isText } from './coerce.ts';
import type { DataType } from './data-type.ts';
import { MAX_LENGTH } from './data-type.ts';
import type { Cast } from './define-cast.ts';
import { total } from './define-cast.ts';
import { textWriter } from './text.ts';

export type SizedType = Extract<DataType, { length: number }>;

/** Casts to CHAR(n), padded and cut, and VARCHAR(n), cut; lengths count code points. */
export function textCast(from: DataType, to: SizedType, timeZone: string): Cast {
  const resize = to.kind === 'CHAR' ? padOrCut(to.length) : to.length === MAX_LENGTH ? undefined : cut(to.length);
  if (isText(from)) {
    const fits = to.kind === 'VARCHAR' && (from as SizedType).length <= to.length;
    return resize === undefined || fits
      ? total(
          (v: string) => v,
          (v) => v,
        )
      : call(resize);
  }
  const write = textWriter(from, timeZone);
  return resize === undefined ? call(write) : call((value: never) => resize(write(value)));
}

function call<T>(convert: (value: T) => string): Cast {
  return total(convert, (value, bind) => `${bind(convert)}(${value})`);
}

function cut(length: number): (text: string) => string {
  return (text) => firstCodePoints(text, length);
}

function padOrCut(length: number): (text: string) => string {
  return (text) => {
    const count = codePointCount(text);
    return count >= length ? firstCodePoints(text, length) : text + ' '.repeat(length - count);
  };
}

/** Casts to BINARY(n), zero-padded and cut, and VARBINARY(n), cut; undefined where there is none. */
export function binaryCast(from: DataType, to: SizedType): Cast | undefined {
  const resize = (bytes: Uint8Array): Uint8Array => {
    if (bytes.length === to.length || (bytes.length < to.length && to.kind === 'VARBINARY')) return bytes;
    if (bytes.length > to.length) return bytes.subarray(0, to.length);
    const padded = new Uint8Array(to.length);
    padded.set(bytes);
    return padded;
  };
  if (isText(from)) return total((v: string) => resize(bytesOf(v)));
  return isBinary(from) ? total(resize) : undefined;
}
