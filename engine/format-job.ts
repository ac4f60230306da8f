import { type Formatted, formatScript } from './format/format.ts';
import { functions } from './functions/index.ts';

/** A job file in the one style; see `formatScript`. */
export function format(text: string): Formatted {
  return formatScript(text, { isFunction: (name) => functions.has(name) });
}
