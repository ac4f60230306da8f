import { afterEach, expect, test, vi } from 'vitest';
import { valuePrinter } from '../../../connectors/print/row-text.ts';
import { batchOf, RowKind } from '../../../engine/types/batch.ts';
import { type DataType, type Scalar, type, typeText } from '../../../engine/types/data-type.ts';
import { bind, sinkOf, writeAll } from '../table-harness.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function capture(stream: NodeJS.WriteStream): string[] {
  const written: string[] = [];
  vi.spyOn(stream, 'write').mockImplementation(((text: string, done?: () => void) => {
    if (text !== '') written.push(text);
    done?.();
    return true;
  }) as typeof stream.write);
  return written;
}

const columns = { symbol: type.string(), price: type.double() };
const batch = batchOf(Object.values(columns), [
  ['BTC', 67321.12],
  ['ETH', null],
]);

test('rows with their kind on standard output', async () => {
  const out = capture(process.stdout);
  const kinds = Uint8Array.of(RowKind.updateAfter, RowKind.delete);
  await writeAll(sinkOf({ columns, options: { connector: 'print' } }), [batch, { ...batch, kinds }]);
  expect(out.join('')).toBe('+I[BTC, 67321.12]\n+I[ETH, null]\n+U[BTC, 67321.12]\n-D[ETH, null]\n');
});

test('an identifier, and standard error', async () => {
  const out = capture(process.stdout);
  const err = capture(process.stderr);
  const options = { connector: 'print', 'print-identifier': 'prices', 'standard-error': 'true' };
  await writeAll(sinkOf({ columns, options }), [batch]);
  expect(out).toEqual([]);
  expect(err.join('')).toBe('prices> +I[BTC, 67321.12]\nprices> +I[ETH, null]\n');
});

/** As Java's classes print themselves. */
const texts: [DataType, Scalar, string][] = [
  [type.boolean(), true, 'true'],
  [type.float(), 1.5, '1.5'],
  [type.decimal(10, 2), 1230n, '12.30'],
  [type.decimal(10, 8), 1n, '1E-8'],
  [type.bytes(), Uint8Array.of(1, 254), '[1, -2]'],
  [type.date(), 19724, '2024-01-02'],
  [type.time(), 11040000, '03:04'],
  [type.time(3), 11045678, '03:04:05.678'],
  [type.timestamp(3), 1704164640000000n, '2024-01-02T03:04'],
  [type.timestamp(6), 1704164645000120n, '2024-01-02T03:04:05.000120'],
  [type.timestampLtz(3), 1700000040000000n, '2023-11-14T22:14:00Z'],
  [type.timestampLtz(3), 1700000000120000n, '2023-11-14T22:13:20.120Z'],
  [type.intervalMillis(), 3661001n, 'PT1H1M1.001S'],
  [type.intervalMillis(), -1500n, 'PT-1.5S'],
  [type.intervalMonths(), 14, 'P14M'],
  [type.array(type.int()), [1, null], '[1, null]'],
  [
    type.map(type.string(), type.int()),
    new Map([
      ['k', 1],
      ['z', null],
    ]),
    '{k=1, z=null}',
  ],
  [
    type.row([
      { name: 'a', type: type.int() },
      { name: 'b', type: type.string() },
    ]),
    [1, 'b'],
    '+I[1, b]',
  ],
];

for (const [t, value, expected] of texts) {
  test(`${typeText(t)}: ${expected}`, () => {
    expect(valuePrinter(t)(value)).toBe(expected);
  });
}

test('it takes every changelog and cannot be read', () => {
  expect(bind({ columns, options: { connector: 'print' } }, 'sink').bound?.accepts).toBe('retract');
  expect(bind({ columns, options: { connector: 'print' } }, 'source').messages).toEqual([
    "table 't' cannot be read: connector 'print' is only a sink",
  ]);
});
