import { defineFormat } from '../../engine/connector/format.ts';
import { type OptionValues, option } from '../../engine/connector/options.ts';
import { type DataType, typeText } from '../../engine/types/data-type.ts';
import { CsvDecoder } from './csv/decoder.ts';
import type { CsvDialect } from './csv/dialect.ts';
import { CsvEncoder } from './csv/encoder.ts';

const options = {
  'field-delimiter': option.string("The character between cells; '\\t' is a tab.", { default: ',' }),
  'disable-quote-character': option.boolean('Whether no character quotes.', { default: 'false' }),
  'quote-character': option.string('The character around cells that hold the delimiter.', { default: '"' }),
  'allow-comments': option.boolean("Whether lines that begin with '#' are skipped, and blank ones.", {
    default: 'false',
    role: 'source',
  }),
  'ignore-parse-errors': option.boolean(
    'Whether a cell that does not fit its type becomes NULL and a line that is no CSV is skipped; both are errors otherwise.',
    { default: 'false', role: 'source' },
  ),
  'array-element-delimiter': option.string('What stands between the elements of arrays and rows.', { default: ';' }),
  'escape-character': option.string('The character that takes its meaning from the next one; none by default.'),
  'null-literal': option.string('The text of NULL; by default NULL is written as an empty cell and read from none.'),
  'write-bigdecimal-in-scientific-notation': option.boolean(
    "Whether decimals are written without zeros at their end and large ones as 1E+5; by default 'true' in files, 'false' elsewhere.",
    { role: 'sink' },
  ),
} as const;

/** CSV as Flink reads and writes it: the cells of a line are the columns in their order. */
export const csv = defineFormat({
  name: 'csv',
  doc: 'Lines of cells, the columns of the table in their order; there is no header.',
  options,
  check(fields, values, role) {
    for (const key of ['field-delimiter', 'quote-character', 'escape-character'] as const) {
      const text = values[key];
      if (text !== undefined && (key === 'field-delimiter' ? unescapeJava(text) : text).length !== 1) {
        return `option 'csv.${key}' must be a single character, found '${text}'`;
      }
    }
    if (values['array-element-delimiter'] === '') return "option 'csv.array-element-delimiter' is empty";
    const dialect = dialectOf(values);
    if (dialect.separator === dialect.quote) return "'csv.field-delimiter' and 'csv.quote-character' are the same";
    for (const { name, type } of fields) {
      const problem = typeProblem(type, role, true);
      if (problem !== undefined) return `format 'csv' does not support column '${name}': ${problem}`;
    }
    return undefined;
  },
  createDecoder(fields, wanted, values, { counters, files }) {
    const skipped = {
      fields: (amount: number) => counters.add('fields_skipped', amount),
      record: () => counters.add('records_skipped', 1),
    };
    const ignore = values['ignore-parse-errors'];
    return new CsvDecoder(fields, wanted, dialectOf(values), ignore ? skipped : undefined, files ?? false);
  },
  createEncoder(fields, values, { files }) {
    const scientific = values['write-bigdecimal-in-scientific-notation'] ?? files ?? false;
    return new CsvEncoder(fields, dialectOf(values), scientific);
  },
});

function dialectOf(values: OptionValues<typeof options>): CsvDialect {
  return {
    separator: unescapeJava(values['field-delimiter']),
    quote: values['disable-quote-character'] ? undefined : values['quote-character'],
    escaper: values['escape-character'],
    elementSeparator: values['array-element-delimiter'],
    nullLiteral: values['null-literal'],
    comments: values['allow-comments'],
  };
}

const javaEscapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f' };

/** Java's escapes in a text: a tab is written as '\t', any character as '\u0001'. */
function unescapeJava(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, hex: string | undefined, c: string) =>
    hex === undefined ? (javaEscapes[c] ?? c) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function typeProblem(type: DataType, role: 'source' | 'sink', top: boolean): string | undefined {
  switch (type.kind) {
    case 'MAP':
    case 'MULTISET':
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return `its type is ${typeText(type, false)}`;
    case 'TIME':
      if (role === 'source' && type.precision > 3) return 'TIME has at most three digits of a fraction';
      return undefined;
    case 'ARRAY':
      return top ? typeProblem(type.element, role, false) : 'arrays and rows hold simple values only';
    case 'ROW': {
      if (!top) return 'arrays and rows hold simple values only';
      return type.fields.map((f) => typeProblem(f.type, role, false)).find((problem) => problem !== undefined);
    }
    default:
      return undefined;
  }
}
