import type { ReportOption } from '../../engine/connector/define.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import { typeText } from '../../engine/types/data-type.ts';
import { isReadable } from './read-columns.ts';

/** The options that divide a table, together or not at all. */
export interface PartitionOptions {
  readonly 'scan.partition.column': string | undefined;
  readonly 'scan.partition.num': number | undefined;
  readonly 'scan.partition.lower-bound': bigint | undefined;
  readonly 'scan.partition.upper-bound': bigint | undefined;
}

const numeric = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'DECIMAL'];

/** Reports columns that cannot be read and partitions that make no sense. */
export function checkScan(table: TableShape, given: PartitionOptions, report: ReportOption): void {
  for (const { name, type: t } of table.columns) {
    if (isReadable(t)) continue;
    report({
      message: `column '${name}' is ${typeText(t, false)}, which cannot be read from PostgreSQL`,
      help: 'declare it STRING, which reads any type as its text, or leave it out',
    });
  }
  const keys = [
    'scan.partition.column',
    'scan.partition.num',
    'scan.partition.lower-bound',
    'scan.partition.upper-bound',
  ] as const;
  const missing = keys.filter((key) => given[key] === undefined);
  if (missing.length === keys.length) return;
  if (missing.length > 0) {
    report({
      key: keys.find((key) => given[key] !== undefined)!,
      code: 'missing-option',
      message: `the options of partitions go together: ${missing.map((key) => `'${key}'`).join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
      help: 'give all four, or none to read the table in one piece',
    });
    return;
  }
  const name = given['scan.partition.column']!;
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined || !numeric.includes(column.type.kind)) {
    const found = column === undefined ? 'no column of the table' : typeText(column.type, false);
    report({
      key: 'scan.partition.column',
      message: `'${name}' is ${found}: partitions are ranges of a column of whole numbers or DECIMAL`,
    });
  }
  if (given['scan.partition.num']! < 1) {
    report({ key: 'scan.partition.num', message: "'scan.partition.num' must be at least 1" });
  }
  if (given['scan.partition.lower-bound']! > given['scan.partition.upper-bound']!) {
    report({
      key: 'scan.partition.lower-bound',
      message: "'scan.partition.lower-bound' is greater than 'scan.partition.upper-bound'",
    });
  }
}
