import type { ReportOption } from '../../engine/connector/define.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import { suggest } from '../../engine/diagnostics/suggest.ts';
import type { Field } from '../../engine/types/data-type.ts';

/** Which columns of a table make up keys and values of its records. */
export interface KeyValueFields {
  /** Indexes into `table.columns`, in the order of the key's fields. */
  readonly key: readonly number[];
  readonly value: readonly number[];
  readonly keyFields: readonly Field[];
  readonly valueFields: readonly Field[];
}

/** The options that divide a table's columns. */
export interface KeyValueOptions {
  readonly keyFormat: string | undefined;
  readonly keyFields: readonly string[] | undefined;
  readonly prefix: string | undefined;
  readonly include: 'ALL' | 'EXCEPT_KEY';
}

/** Divides the physical columns into key and value, and reports what does not fit together. */
export function divideFields(table: TableShape, options: KeyValueOptions, report: ReportOption): KeyValueFields {
  const physical = table.columns.flatMap((column, i) => (column.kind === 'physical' ? [i] : []));
  const names = physical.map((i) => table.columns[i]!.name);
  const prefix = options.prefix ?? '';
  const given = options.keyFields ?? [];
  if (options.keyFormat === undefined && options.keyFields !== undefined) {
    report({
      key: 'key.fields',
      code: 'missing-option',
      message: "option 'key.fields' needs a format for the key",
      help: "add 'key.format' = 'json' or 'raw'",
    });
  }
  if (options.keyFormat !== undefined && given.length === 0) {
    report({
      key: 'key.format',
      code: 'missing-option',
      message: "option 'key.format' needs 'key.fields': the columns that the key holds",
      help: `add 'key.fields' = '…' with columns of: ${names.join('; ')}`,
    });
  }
  if (prefix !== '' && options.include === 'ALL') {
    report({
      key: 'key.fields-prefix',
      code: 'conflicting-options',
      message: "option 'key.fields-prefix' needs 'value.fields-include' = 'EXCEPT_KEY', for names to be unambiguous",
    });
  }
  const key: number[] = [];
  for (const name of options.keyFormat === undefined ? [] : given) {
    const index = physical.find((i) => table.columns[i]!.name === name);
    if (index === undefined) {
      const near = suggest(name, names);
      report({
        key: 'key.fields',
        code: 'invalid-key',
        message: `table '${table.name}' has no physical column '${name}' for the key`,
        help: near === undefined ? `columns: ${names.join(', ')}` : `did you mean '${near}'?`,
      });
    } else if (!name.startsWith(prefix)) {
      report({
        key: 'key.fields',
        code: 'invalid-key',
        message: `key field '${name}' does not begin with '${prefix}' of option 'key.fields-prefix'`,
      });
    } else key.push(index);
  }
  const value = options.include === 'ALL' ? physical : physical.filter((i) => !key.includes(i));
  return {
    key,
    value,
    keyFields: key.map((i) => ({ ...fieldOf(table, i), name: table.columns[i]!.name.slice(prefix.length) })),
    valueFields: value.map((i) => fieldOf(table, i)),
  };
}

function fieldOf(table: TableShape, index: number): Field {
  const { name, type } = table.columns[index]!;
  return { name, type };
}
