import type { FileHandle } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';

const HEAD = 4;

/** A frame is its length in four bytes, least first, and a value as V8 writes it. Resolves with the bytes written. */
export async function writeFrame(handle: FileHandle, value: unknown): Promise<number> {
  const bytes = serialize(value);
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(bytes.length);
  const { bytesWritten } = await handle.writev([head, bytes]);
  // A disk that gets full takes the beginning, and only the next call says why.
  if (bytesWritten < HEAD + bytes.length) await writeRest(handle, Buffer.concat([head, bytes]), bytesWritten);
  return bytes.length + head.length;
}

async function writeRest(handle: FileHandle, bytes: Buffer, from: number): Promise<void> {
  for (let at = from; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}

/** Reads frames from the beginning of a file that does not grow. */
export class FrameReader {
  readonly #handle: FileHandle;
  #size: number | undefined;
  /** Where the next frame begins. */
  at = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Undefined at the end, also where the last frame is not whole. */
  async next(): Promise<{ readonly value: unknown } | undefined> {
    const length = await this.#length();
    if (length === undefined) return undefined;
    const bytes = Buffer.allocUnsafeSlow(length);
    await this.#handle.read(bytes, 0, length, this.at + HEAD);
    this.at += HEAD + length;
    return { value: deserialize(bytes) };
  }

  /** Moves behind the next frame; false at the end. */
  async skip(): Promise<boolean> {
    const length = await this.#length();
    if (length !== undefined) this.at += HEAD + length;
    return length !== undefined;
  }

  /** What was being written at a power failure may have any length: undefined where the frame is not whole. */
  async #length(): Promise<number | undefined> {
    this.#size ??= (await this.#handle.stat()).size;
    if (this.at + HEAD > this.#size) return undefined;
    const head = Buffer.allocUnsafe(HEAD);
    await this.#handle.read(head, 0, HEAD, this.at);
    const length = head.readUInt32LE();
    return this.at + HEAD + length > this.#size ? undefined : length;
  }
}

/** So many elements of large things are a frame: others get their turn between two of them. */
const PIECE = 1 << 16;

type Header =
  | { readonly kind: 'leaf'; readonly value: unknown }
  | { readonly kind: 'object'; readonly keys: readonly string[] }
  | { readonly kind: 'array'; readonly length: number }
  | { readonly kind: 'map'; readonly keys: readonly unknown[] }
  | { readonly kind: 'pieces'; readonly of: 'array' | 'set' | 'map' | keyof typeof typed; readonly length: number };

const typed = { Uint8Array, Int32Array, Float64Array, BigInt64Array } as const;
type Typed = InstanceType<(typeof typed)[keyof typeof typed]>;

/** Writes plain data of any size as frames; resolves with the bytes written. */
export async function writeLarge(handle: FileHandle, value: unknown): Promise<number> {
  const header = headerOf(value);
  let bytes = await writeFrame(handle, header);
  switch (header.kind) {
    case 'leaf':
      break;
    case 'object':
      for (const key of header.keys) bytes += await writeLarge(handle, (value as Record<string, unknown>)[key]);
      break;
    case 'array':
      for (const element of value as unknown[]) bytes += await writeLarge(handle, element);
      break;
    case 'map':
      for (const element of (value as Map<unknown, unknown>).values()) bytes += await writeLarge(handle, element);
      break;
    case 'pieces':
      for (const piece of piecesOf(value as Pieces)) bytes += await writeFrame(handle, piece);
  }
  return bytes;
}

/** Reads what `writeLarge` wrote; undefined where the file ends before. */
export async function readLarge(reader: FrameReader): Promise<{ readonly value: unknown } | undefined> {
  const header = (await reader.next())?.value as Header | undefined;
  if (header === undefined) return undefined;
  switch (header.kind) {
    case 'leaf':
      return { value: header.value };
    case 'object': {
      const entries = await readAll(reader, header.keys.length);
      return entries && { value: Object.fromEntries(header.keys.map((key, i) => [key, entries[i]])) };
    }
    case 'array': {
      const value = await readAll(reader, header.length);
      return value && { value };
    }
    case 'map': {
      const values = await readAll(reader, header.keys.length);
      return values && { value: new Map(header.keys.map((key, i) => [key, values[i]])) };
    }
    case 'pieces':
      return readPieces(reader, header.of, header.length);
  }
}

async function readAll(reader: FrameReader, count: number): Promise<unknown[] | undefined> {
  const values: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const read = await readLarge(reader);
    if (read === undefined) return undefined;
    values.push(read.value);
  }
  return values;
}

type Pieces = unknown[] | Typed | Set<unknown> | Map<unknown, unknown>;

function headerOf(value: unknown): Header {
  if (ArrayBuffer.isView(value)) {
    const of = value.constructor.name as keyof typeof typed;
    const { length } = value as Typed;
    return length > PIECE && of in typed ? { kind: 'pieces', of, length } : { kind: 'leaf', value };
  }
  if (Array.isArray(value)) {
    if (value.length > PIECE) return { kind: 'pieces', of: 'array', length: value.length };
    return value.length < 64 && value.some(mayBeLarge)
      ? { kind: 'array', length: value.length }
      : { kind: 'leaf', value };
  }
  if (value instanceof Set) {
    return value.size > PIECE ? { kind: 'pieces', of: 'set', length: value.size } : { kind: 'leaf', value };
  }
  if (value instanceof Map) {
    if (value.size > PIECE) return { kind: 'pieces', of: 'map', length: value.size };
    return [...value.values()].some(mayBeLarge) ? { kind: 'map', keys: [...value.keys()] } : { kind: 'leaf', value };
  }
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return { kind: 'object', keys: Object.keys(value) };
  }
  return { kind: 'leaf', value };
}

function mayBeLarge(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Map || value instanceof Set) return value.size > 1024;
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return (value as Typed).length > 1024 || mayNest(value);
  return true;
}

function mayNest(value: unknown): boolean {
  return Array.isArray(value) && value.length < 64 && value.some(mayBeLarge);
}

function* piecesOf(value: Pieces): Iterable<unknown> {
  if (value instanceof Set || value instanceof Map) {
    let piece: unknown[] = [];
    for (const element of value) {
      if (piece.push(element) < PIECE) continue;
      yield piece;
      piece = [];
    }
    if (piece.length > 0) yield piece;
    return;
  }
  for (let at = 0; at < value.length; at += PIECE) yield value.slice(at, at + PIECE);
}

async function readPieces(
  reader: FrameReader,
  of: Extract<Header, { kind: 'pieces' }>['of'],
  length: number,
): Promise<{ readonly value: unknown } | undefined> {
  if (of !== 'array' && of !== 'set' && of !== 'map') {
    const values = new typed[of](length);
    for (let at = 0; at < length; at += PIECE) {
      const piece = await reader.next();
      if (piece === undefined) return undefined;
      values.set(piece.value as never, at);
    }
    return { value: values };
  }
  const kept: unknown[] = [];
  for (let at = 0; at < length; at += PIECE) {
    const piece = await reader.next();
    if (piece === undefined) return undefined;
    for (const element of piece.value as unknown[]) kept.push(element);
  }
  if (of === 'set') return { value: new Set(kept) };
  if (of === 'map') return { value: new Map(kept as [unknown, unknown][]) };
  return { value: kept };
}
