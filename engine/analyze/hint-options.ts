import type { OptionDeclarations } from '../connector/options.ts';
import type { Hint } from '../syntax/ast.ts';
import { type Context, didYouMean, mistake } from './context.ts';

type Values<D extends OptionDeclarations> = {
  readonly [K in keyof D]?: Extract<ReturnType<D[K]['parse']>, { readonly value: unknown }>['value'];
};

/** The pairs of a hint as values of their declarations; undefined after a report of one that is not accepted. */
export function readOptions<const D extends OptionDeclarations>(
  context: Context,
  { name, options }: Hint,
  declarations: D,
): Values<D> | undefined {
  const values: Record<string, unknown> = {};
  let right = true;
  for (const { key, value } of options) {
    const declaration = declarations[key.value];
    if (declaration === undefined) {
      // As Flink, which passes over them.
      const near = didYouMean(key.value, Object.keys(declarations), key.span, undefined, 'word').help;
      mistake(context, 'unknown-option', `hint ${name.name.toUpperCase()} has no option '${key.value}'`, key.span, {
        severity: 'warning',
        ...(near === undefined ? { help: `known: ${Object.keys(declarations).join(', ')}` } : { help: near }),
      });
      continue;
    }
    const read = declaration.parse(value.value);
    if ('value' in read) values[key.value] = read.value;
    else {
      const message = `'${value.value}' is not a value for '${key.value}': expected ${read.expected}`;
      mistake(context, 'bad-option', message, value.span);
      right = false;
    }
  }
  return right ? (values as Values<D>) : undefined;
}
