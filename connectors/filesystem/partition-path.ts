import path from 'node:path';
import { daysOf } from '../../engine/types/calendar.ts';
import type { DataType, Scalar } from '../../engine/types/data-type.ts';
import { dateText } from '../../engine/types/time-text.ts';

// What Hive and Flink escape in the names of partition folders.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are escaped too
const escaped = /[\u0001-\u001f\u007f"#%'*/:=?\\{[\]^]/g;

/** The folder of a partition below the table's own: `dt=2024-01-31/kind=a%2Fb`. */
export function partitionFolder(names: readonly string[], values: readonly string[]): string {
  return names.map((name, i) => `${escapePart(name)}=${escapePart(values[i]!)}`).join(path.sep);
}

function escapePart(text: string): string {
  return text.replace(escaped, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** The values by name that the folders between `root` and a file name. */
export function partitionValues(root: string, file: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const part of path.relative(root, path.dirname(file)).split(path.sep)) {
    const at = part.indexOf('=');
    if (at > 0) values.set(unescapePart(part.slice(0, at)), unescapePart(part.slice(at + 1)));
  }
  return values;
}

function unescapePart(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Whether a partition column can have this type. */
export function isPartitionType(type: DataType): boolean {
  return ['CHAR', 'VARCHAR', 'BOOLEAN', 'TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'DATE'].includes(type.kind);
}

/** The text of a partition value in a folder's name. */
export function partitionText(type: DataType, value: Scalar, defaultName: string): string {
  if (value === null || value === '') return defaultName;
  return type.kind === 'DATE' ? dateText(value as number) : String(value);
}

/** The value of a folder's name; null where the text does not denote one. */
export function partitionValue(type: DataType, text: string, defaultName: string): Scalar {
  if (text === defaultName) return null;
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return text;
    case 'BOOLEAN':
      return text.toLowerCase() === 'true';
    case 'BIGINT':
      return /^-?\d+$/.test(text) ? BigInt.asIntN(64, BigInt(text)) : null;
    case 'DATE': {
      const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
      return match === null ? null : daysOf(Number(match[1]), Number(match[2]), Number(match[3]));
    }
    default:
      return /^-?\d+$/.test(text) ? Number(text) : null;
  }
}
