import { defineConnector, type ReportOption } from '../../engine/connector/define.ts';
import { option } from '../../engine/connector/options.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import type { FieldOptions } from './field-options.ts';
import { type Generator, generatorOf } from './generators.ts';
import { DatagenSource } from './source.ts';

/** Makes rows of random or consecutive values. */
export const datagen = defineConnector({
  name: 'datagen',
  doc: 'Makes rows of random or consecutive values at an even rate.',
  options: {
    'rows-per-second': option.long('Rows a second.', { default: '10000', role: 'source' }),
    'number-of-rows': option.long('Rows in all; without it and without a sequence there is no end.', {
      role: 'source',
    }),
    'fields.*': option.others(
      "Options of single fields: fields.<name>.kind ('random' or 'sequence'), .min, .max, .length, .var-len, .max-past, .null-rate, .start and .end.",
      { role: 'source' },
    ),
    'scan.parallelism': option.int('Accepted as in Flink; one worker makes the rows.', { role: 'source', min: 1 }),
    seed: option.int('Where random values begin: the same seed gives the same rows.', { ours: true, role: 'source' }),
  },
  bounded: (options) =>
    options['number-of-rows'] !== undefined ||
    [...options['fields.*']].some(([key, text]) => key.endsWith('.kind') && text.trim().toLowerCase() === 'sequence'),

  check({ table, options }, _role, report) {
    if (options['rows-per-second'] < 1n) {
      report({
        key: 'rows-per-second',
        message: `'rows-per-second' must be at least 1`,
        help: 'leave it out for 10000',
      });
    }
    if ((options['number-of-rows'] ?? 0n) < 0n)
      report({ key: 'number-of-rows', message: "'number-of-rows' is negative" });
    const names = table.columns.map((c) => c.name);
    const strange = [...options['fields.*'].keys()].filter((key) => !names.some((name) => key.startsWith(`${name}.`)));
    for (const key of strange) {
      report({
        key: `fields.${key}`,
        message: `the table has no column for option 'fields.${key}'`,
        help: `columns: ${names.join(', ')}`,
      });
    }
    if (strange.length === 0) generators(table, options['fields.*'], report);
  },

  createSource({ table, options }, wanted) {
    const all = generators(table, options['fields.*'], () => {});
    const columns = wanted.map((field) => ({ field, type: table.columns[field]!.type, generator: all[field]! }));
    const rows = Math.min(
      Number(options['number-of-rows'] ?? Number.POSITIVE_INFINITY),
      ...all.map((generator) => generator?.rows ?? Number.POSITIVE_INFINITY),
    );
    const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
    return new DatagenSource(columns, Number(options['rows-per-second']), rows, seed);
  },
});

function generators(
  table: TableShape,
  fields: ReadonlyMap<string, string>,
  report: ReportOption,
): (Generator | undefined)[] {
  return table.columns.map(({ name, type }) => {
    const prefix = `${name}.`;
    const own: FieldOptions = new Map(
      [...fields].flatMap(([key, text]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), text] as const] : [])),
    );
    return generatorOf(type, own, (rest, message) =>
      report({ key: `fields.${prefix}${rest}`, message: `field '${name}': ${message}` }),
    );
  });
}
