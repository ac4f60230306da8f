import type { RejectReason } from '../../engine/connector/rejection.ts';

/** A message that cannot become a row of the target, and why. */
export interface BadMessage {
  readonly name: string;
  readonly value: Buffer;
  readonly reason: RejectReason;
  /** Who refuses it. */
  readonly by: 'source' | 'sink';
}

const good = {
  id: 1,
  symbol: 'BTC',
  price: 1.5,
  volume: 2,
  ok: true,
  day_of: '2024-01-02',
  time_of: '2024-01-02 03:04:05',
  bytes_of: 'AAE=',
  tags: ['x'],
  info: { a: 1 },
  name: 'n',
};

type Field = keyof typeof good;

/** A message that can be read and written, `with` other fields. */
export function message(id: number, other: Readonly<Record<string, unknown>> = {}): Buffer {
  return Buffer.from(JSON.stringify({ ...good, id, ...other }));
}

function bad(
  reason: RejectReason,
  by: BadMessage['by'],
  cases: Readonly<Record<string, string | Buffer>>,
): BadMessage[] {
  return Object.entries(cases).map(([name, value]) => ({ name, value: Buffer.from(value as string), reason, by }));
}

/** The whole message with the text of one field as it stands. */
function withText(field: Field, text: string): string {
  const at = Object.entries(good).map(([name, value]) => `"${name}":${name === field ? text : JSON.stringify(value)}`);
  return `{${at.join(',')}}`;
}

const texts = (field: Field, values: readonly string[]) =>
  Object.fromEntries(values.map((value) => [`${field} = ${value.slice(0, 40)}`, withText(field, value)]));
const utf16 = Buffer.from(withText('name', '"n"'), 'utf16le');
const whole = withText('name', '"n"');

/** A hundred kinds and more: bytes, JSON, encodings, types, fields, sizes, and what the table refuses. */
export const badMessages: readonly BadMessage[] = [
  ...bad('malformed', 'source', {
    'no JSON': 'oops',
    'one brace': '{',
    'a closing brace': '}',
    'a bracket': '[',
    'white space': '  \n\t',
    'one NUL': Buffer.from([0]),
    'bytes that are no text': Buffer.from([0xff, 0xfe, 0xfd, 0xfc]),
    'a random binary': Buffer.from([0x08, 0x96, 0x01, 0x12, 0x03, 0xe2, 0x28, 0xa1]),
    'an Avro header': Buffer.from([0, 0, 0, 0, 7, 12, 66, 84, 67]),
    gzip: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
    XML: '<tick symbol="BTC"/>',
    CSV: 'BTC,1.5,2024',
    'a name without quotes': '{id: 1}',
    'single quotes': "{'id': 1}",
    'a trailing comma': '{"id": 1,}',
    'a missing comma': '{"id": 1 "symbol": "a"}',
    'a missing colon': '{"id" 1}',
    'a missing value': '{"id": }',
    'a comment': '{/* no */"id": 1}',
    'the end inside a string': '{"symbol": "BT',
    'the end inside an escape': '{"symbol": "\\',
    'the end inside a number': '{"price": 1.',
    'the end inside a word': '{"ok": tru',
    'the end inside an array': '{"tags": ["a"',
    'an unknown escape': '{"symbol": "\\x41"}',
    'a short unicode escape': '{"symbol": "\\u12"}',
    'leading zeros': '{"id": 007}',
    'a plus sign': '{"id": +1}',
    'a number that begins with a point': '{"price": .5}',
    hexadecimal: '{"id": 0x10}',
    NaN: '{"price": NaN}',
    Infinity: '{"price": Infinity}',
    'an exponent without digits': '{"price": 1e}',
    'Python words': '{"ok": True}',
    undefined: '{"id": undefined}',
    'a lone continuation byte': Buffer.from([0x7b, 0x22, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
    'Latin-1': Buffer.from('{"symbol": "caf\u00e9"}', 'latin1'),
    'a cut UTF-8 character': Buffer.from([...Buffer.from('{"symbol": "'), 0xe2, 0x82, 0x22, 0x7d]),
    'half of UTF-16': utf16.subarray(0, utf16.length - 7),
    'brackets that do not match': '{"tags": [1}',
    'an array that ends early': `[${whole}, `,
    'an array with an object cut off': `[${whole}, {"id": `,
  }),
  ...bad('wrong-type', 'source', {
    'a number': '42',
    'a string': '"text"',
    'a word': 'true',
    null: 'null',
    'an array of numbers': '[1, 2]',
    'a good object beside a number': `[${whole}, 7]`,
    'a good object beside a bad one': `[${whole}, ${withText('price', '"x"')}]`,
    ...texts('id', [
      '"abc"',
      '""',
      '"1.5"',
      '{}',
      '[]',
      'true',
      '9223372036854775808',
      '1e300',
      '"99999999999999999999"',
    ]),
    ...texts('price', ['"abc"', '"1,5"', '"1.5 USD"', '[1.5]', '{"value": 1}', '""']),
    ...texts('volume', ['"x"', '2147483648', '-2147483649', '[]', '"0x10"']),
    ...texts('day_of', ['"yesterday"', '"2024-13-01"', '[]', '{}']),
    ...texts('time_of', ['"now"', '1700000000000', '"2024-01-02T03:04:05Z"', '"2024-01-02 25:00:00"', '[]']),
    ...texts('bytes_of', ['"***"', '5', '[]']),
    ...texts('tags', ['"a"', '5', '{}']),
    ...texts('info', ['"a"', '[]', '{"a": "x"}']),
  }),
  ...bad('missing-field', 'source', {
    'an empty object': '{}',
    'a field less': '{"id": 1, "symbol": "BTC"}',
    'other fields': '{"a": 1, "b": 2}',
    'names in another case': whole.replaceAll('"price"', '"Price"'),
  }),
  ...bad('too-large', 'source', {
    'nested too deep': withText('name', `${'['.repeat(1001)}${']'.repeat(1001)}`),
    'a number of 1001 digits': withText('price', '1'.repeat(1001)),
    'a name of 60 000 characters': `{"${'n'.repeat(60_000)}": 1}`,
    'beyond max-record-size': withText('name', JSON.stringify('x'.repeat(9_000_000))),
    '10 MB': withText('name', JSON.stringify('y'.repeat(9_900_000))),
  }),
  ...bad('constraint', 'sink', {
    'a CHECK': withText('price', '-1'),
    'a CHECK, once more': withText('price', '-1e9'),
    'NULL where the table has none': withText('symbol', 'null'),
    'a foreign key': withText('symbol', '"XRP"'),
    'what a trigger refuses': withText('name', '"refused"'),
  }),
  ...bad('out-of-range', 'sink', {
    'text beyond VARCHAR(20)': withText('name', '"123456789012345678901"'),
    'a smallint': withText('volume', '40000'),
    'a negative smallint': withText('volume', '-40000'),
    'megabytes in VARCHAR(20)': withText('name', JSON.stringify('z'.repeat(2_000_000))),
  }),
  ...bad('encoding', 'sink', {
    'a NUL character': withText('name', '"a\\u0000b"'),
    'a NUL character alone': withText('name', '"\\u0000"'),
  }),
];
