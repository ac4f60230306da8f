import type { Diagnostic, DiagnosticSink, Span } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { Option } from './options.ts';

/** An option as written in a job file; the spans cover key and value with their quotes. */
export interface OptionText {
  readonly key: string;
  readonly value: string;
  readonly keySpan: Span;
  readonly valueSpan: Span;
}

/** The value of an option's text, or undefined after reporting what was expected. */
export function readOption(
  declaration: Option,
  text: OptionText,
  report: DiagnosticSink,
): { readonly value: unknown } | undefined {
  const read = declaration.parse(text.value);
  if ('value' in read) return read;
  const found = declaration.secret ? '***' : (declaration.redact?.(text.value) ?? text.value);
  const { values = [] } = declaration;
  const near = suggest(text.value, values) ?? values.find((value) => value.startsWith(`${text.value}-`));
  report.report({
    code: 'bad-option',
    severity: 'error',
    message: `'${found}' is not a value for option '${text.key}': expected ${read.expected}`,
    span: text.valueSpan,
    ...(near === undefined
      ? {}
      : { help: `did you mean '${near}'?`, fix: { span: text.valueSpan, text: `'${near}'` } }),
  });
  return undefined;
}

/** The diagnostic for a key that `owner` does not have; suggests the nearest known key that is not `given` already. */
export function suggestOption(
  owner: string,
  text: OptionText,
  known: readonly string[],
  given: readonly string[],
): Diagnostic {
  const near = suggest(
    text.key,
    known.filter((k) => !given.includes(k)),
  );
  return {
    code: 'unknown-option',
    severity: 'error',
    message: `${owner} has no option '${text.key}'`,
    span: text.keySpan,
    help: near === undefined ? knownOptions(known) : `did you mean '${near}'?`,
    ...(near === undefined ? {} : { fix: { span: text.keySpan, text: `'${near}'` } }),
  };
}

/** A few at most: `cryptopipe connectors NAME` lists them all. */
function knownOptions(known: readonly string[]): string {
  return `known options: ${known.slice(0, MAX_SHOWN).join(', ')}${known.length > MAX_SHOWN ? ', …' : ''}`;
}

const MAX_SHOWN = 12;
