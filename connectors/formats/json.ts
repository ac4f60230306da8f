import { defineFormat } from '../../engine/connector/format.ts';
import { option } from '../../engine/connector/options.ts';
import { type DataType, type Field, typeText } from '../../engine/types/data-type.ts';
import { JsonDecoder } from './json/decoder.ts';
import { JsonEncoder } from './json/encoder.ts';
import { UnknownFields } from './unknown-fields.ts';

/** JSON as Flink reads and writes it: an object is a row, its members are the columns by name. */
export const json = defineFormat({
  name: 'json',
  doc: 'JSON objects, one message a row; a message that is an array of objects gives a row for each.',
  options: {
    'fail-on-missing-field': option.boolean('Whether an absent field is an error; it is NULL otherwise.', {
      default: 'false',
      role: 'source',
    }),
    'ignore-parse-errors': option.boolean(
      'Whether a value that does not fit its type becomes NULL and a message that is no JSON is skipped; both are errors otherwise.',
      { default: 'false', role: 'source' },
    ),
    'timestamp-format.standard': option.oneOf(
      ['SQL', 'ISO-8601', 'ISO-8601-WITH-OFFSET'],
      "How timestamps are written: '2024-01-31 23:59:59.123' (with 'Z' for TIMESTAMP_LTZ), the same with 'T' between, or with an offset from UTC.",
      { default: 'SQL' },
    ),
    'map-null-key.mode': option.oneOf(
      ['FAIL', 'DROP', 'LITERAL'],
      'What becomes of a map entry whose key is NULL: an error, nothing, or an entry under map-null-key.literal.',
      { default: 'FAIL', role: 'sink' },
    ),
    'map-null-key.literal': option.string('The key written for NULL in mode LITERAL.', {
      default: 'null',
      role: 'sink',
    }),
    'encode.decimal-as-plain-number': option.boolean('Whether decimals are written without exponent.', {
      default: 'false',
      role: 'sink',
    }),
    'encode.ignore-null-fields': option.boolean('Whether fields that are NULL are left out.', {
      default: 'false',
      role: 'sink',
    }),
    'decode.json-parser.enabled': option.boolean(
      'Chooses between two parsers of Flink; accepted and without effect here, where there is one.',
      { default: 'true', role: 'source' },
    ),
  },
  check(fields, options, role) {
    if (role === 'source' && options['fail-on-missing-field'] && options['ignore-parse-errors']) {
      return "'json.fail-on-missing-field' and 'json.ignore-parse-errors' exclude each other: set one of them to 'false'";
    }
    return mapKeyProblem(fields);
  },
  createDecoder(declared, chosen, options, context) {
    const { counters, files } = context;
    const fields = files ? chosen.map((i) => declared[i]!) : declared;
    const wanted = files ? chosen.map((_, i) => i) : chosen;
    const ignore = options['ignore-parse-errors'];
    return new JsonDecoder(
      fields,
      wanted,
      {
        failOnMissingField: options['fail-on-missing-field'],
        standard: options['timestamp-format.standard'],
        exactDecimals: fields.some((f) => holdsDecimal(f.type)),
      },
      ignore
        ? {
            fields: (amount) => counters.add('fields_skipped', amount),
            record: () => counters.add('records_skipped', 1),
          }
        : undefined,
      new UnknownFields(
        declared.map((f) => f.name),
        context,
      ),
    );
  },
  createEncoder(fields, options) {
    return new JsonEncoder(fields, {
      standard: options['timestamp-format.standard'],
      mapNullKey: options['map-null-key.mode'],
      mapNullKeyLiteral: options['map-null-key.literal'],
      plainDecimals: options['encode.decimal-as-plain-number'],
      ignoreNulls: options['encode.ignore-null-fields'],
    });
  },
});

function children(type: DataType): readonly Field[] {
  switch (type.kind) {
    case 'ARRAY':
    case 'MULTISET':
      return [{ name: '', type: type.element }];
    case 'MAP':
      return [
        { name: '', type: type.key },
        { name: '', type: type.value },
      ];
    case 'ROW':
      return type.fields;
    default:
      return [];
  }
}

function holdsDecimal(type: DataType): boolean {
  return type.kind === 'DECIMAL' || children(type).some((child) => holdsDecimal(child.type));
}

function mapKeyProblem(fields: readonly Field[]): string | undefined {
  for (const { name, type } of fields) {
    const key = type.kind === 'MAP' ? type.key : type.kind === 'MULTISET' ? type.element : undefined;
    if (key !== undefined && key.kind !== 'VARCHAR' && key.kind !== 'CHAR') {
      return `format 'json' has only strings as keys of maps: ${name === '' ? 'found' : `field '${name}' is`} ${typeText(type, false)}`;
    }
    const problem = mapKeyProblem(children(type));
    if (problem !== undefined) return problem;
  }
  return undefined;
}
