import { floorDiv, floorMod } from '../types/calendar.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { type } from '../types/data-type.ts';
import { localOfInstant, timeZone } from '../types/time-zone.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { signature } from './signature.ts';

const DAY = 86_400_000_000n;

/** A function of the current instant (microseconds) and the same in the session's time zone. */
function current(
  name: string,
  doc: string,
  syntax: readonly string[],
  returns: DataType,
  value: (instant: bigint, local: bigint) => Scalar,
  aliases: readonly string[] = [],
): ScalarFunction {
  return defineFunction({
    name,
    ...(aliases.length === 0 ? {} : { aliases }),
    family: 'temporal',
    doc,
    syntax,
    examples: [{ sql: `${syntax[0]} IS NOT NULL`, value: 'TRUE' }],
    deterministic: false,
    resolve: (args, session) => {
      const zone = timeZone(session.timeZone);
      return signature(name, {
        parameters: [],
        returns,
        evaluate: () => {
          const instant = session.now();
          return value(instant, localOfInstant(zone, instant, 1_000_000n));
        },
      })(args, session);
    },
  });
}

const millis = (micros: bigint) => micros - floorMod(micros, 1000n);

export const clocks: readonly ScalarFunction[] = [
  current(
    'CURRENT_TIMESTAMP',
    'The current instant, to the millisecond.',
    ['CURRENT_TIMESTAMP', 'NOW()', 'CURRENT_ROW_TIMESTAMP()'],
    type.timestampLtz(3, false),
    millis,
    ['NOW', 'CURRENT_ROW_TIMESTAMP'],
  ),
  current(
    'PROCTIME',
    'The instant at which the row is processed.',
    ['PROCTIME()'],
    type.timestampLtz(3, false),
    millis,
  ),
  current(
    'LOCALTIMESTAMP',
    'The current date and time in the session’s time zone.',
    ['LOCALTIMESTAMP'],
    type.timestamp(3, false),
    (_, local) => millis(local),
  ),
  current(
    'LOCALTIME',
    'The current time of day in the session’s time zone.',
    ['LOCALTIME', 'CURRENT_TIME'],
    type.time(0, false),
    (_, local) => Number(floorMod(local, DAY) / 1_000_000n) * 1000,
    ['CURRENT_TIME'],
  ),
  current(
    'CURRENT_DATE',
    'The current date in the session’s time zone.',
    ['CURRENT_DATE'],
    type.date(false),
    (_, local) => Number(floorDiv(local, DAY)),
  ),
  defineFunction({
    name: 'CURRENT_DATABASE',
    family: 'catalog',
    doc: 'The name of the current database.',
    syntax: ['CURRENT_DATABASE()'],
    examples: [{ sql: 'CURRENT_DATABASE()', value: 'default_database' }],
    resolve: signature('CURRENT_DATABASE', {
      parameters: [],
      returns: type.string(false),
      evaluate: () => 'default_database',
    }),
  }),
];
