import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { MetadataColumn } from '../../engine/connector/define.ts';
import { allocate, type Column } from '../../engine/types/batch.ts';
import { type DataType, type Scalar, type as types } from '../../engine/types/data-type.ts';

/** What the connector knows about the file that a row comes from. */
export const fileMetadata: Readonly<Record<string, MetadataColumn>> = {
  'file.path': { doc: 'The path of the file.', type: types.string(false), readable: true, writable: false },
  'file.name': { doc: 'The name of the file.', type: types.string(false), readable: true, writable: false },
  'file.size': { doc: 'The size of the file in bytes.', type: types.bigint(false), readable: true, writable: false },
  'file.modification-time': {
    doc: 'When the file was last written.',
    type: types.timestampLtz(3, false),
    readable: true,
    writable: false,
  },
};

/** The metadata of a file by key, read when its reading begins. */
export async function metadataOf(file: string): Promise<ReadonlyMap<string, Scalar>> {
  const info = await stat(file);
  return new Map<string, Scalar>([
    ['file.path', path.resolve(file)],
    ['file.name', path.basename(file)],
    ['file.size', BigInt(info.size)],
    ['file.modification-time', BigInt(Math.floor(info.mtimeMs)) * 1000n],
  ]);
}

/** A column that has one value in all rows. */
export function constantColumn(type: DataType, value: Scalar, length: number): Column {
  const values = allocate(type, length);
  if (value === null) return { values, nulls: new Uint8Array(length).fill(1) };
  (values as unknown[]).fill(type.kind === 'BOOLEAN' ? (value === true ? 1 : 0) : value);
  return { values };
}
