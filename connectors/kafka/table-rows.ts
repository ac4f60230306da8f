import type { BoundFormat } from '../../engine/connector/define.ts';
import type { FormatContext } from '../../engine/connector/format.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import type { KeyValueFields } from './key-value-fields.ts';
import { buildMetadata, type MetadataBuilder, type MetadataKey } from './metadata-columns.ts';
import { type ColumnOrigin, RecordFields, type TableRows, ValueRows } from './rows.ts';

/**
 * How records become the `wanted` columns of a table: plain values where nothing else is asked for. `upsert`: records
 * without value are deletions.
 */
export function tableRows(
  table: TableShape,
  wanted: readonly number[],
  fields: KeyValueFields,
  formats: { readonly key: BoundFormat | undefined; readonly value: BoundFormat },
  context: FormatContext,
  upsert: boolean,
): TableRows {
  const keyWanted: number[] = [];
  const valueWanted: number[] = [];
  const metadata: MetadataBuilder[] = [];
  const origins: ColumnOrigin[] = wanted.map((index) => {
    const column = table.columns[index]!;
    if (column.kind === 'metadata') {
      metadata.push(buildMetadata(column.key as MetadataKey));
      return { from: 'metadata', index: metadata.length - 1, type: column.type };
    }
    // A column in both key and value is taken from the value.
    const inKey = fields.key.indexOf(index);
    const inValue = fields.value.indexOf(index);
    if (inValue >= 0) {
      valueWanted.push(inValue);
      const origin = { from: 'value', index: valueWanted.length - 1, type: column.type } as const;
      return upsert && inKey >= 0 ? { ...origin, key: keyWanted.push(inKey) - 1 } : origin;
    }
    return { from: 'key', index: keyWanted.push(inKey) - 1, type: column.type };
  });
  const value = formats.value.createDecoder(fields.valueFields, valueWanted, context);
  if (formats.key === undefined && metadata.length === 0) return new ValueRows(value);
  const key = formats.key?.createDecoder(fields.keyFields, keyWanted, context);
  return new RecordFields(key, value, metadata, origins, upsert);
}
