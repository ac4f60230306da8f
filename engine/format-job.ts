import { type Formatted, formatScript } from './format/format.ts';
import { functions } from './functions/index.ts';

/** Functions of Flink that are no scalar functions: aggregates, and functions of windows and tables. */
const others: ReadonlySet<string> = new Set(
  (
    'COUNT SUM AVG MIN MAX STDDEV_POP STDDEV_SAMP VAR_POP VAR_SAMP COLLECT ARRAY_AGG LISTAGG FIRST_VALUE LAST_VALUE ' +
    'NTH_VALUE ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST NTILE LAG LEAD ' +
    'TUMBLE HOP CUMULATE SESSION JSON_OBJECTAGG JSON_ARRAYAGG'
  ).split(' '),
);

/** A job file in the one style; see `formatScript`. */
export function format(text: string): Formatted {
  return formatScript(text, { isFunction: (name) => functions.has(name) || others.has(name) });
}
