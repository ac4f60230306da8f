import type { DiagnosticSink } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { BoundFormat } from './define.ts';
import type { Format } from './format.ts';
import { type OptionText, readOption, suggestOption } from './read-option.ts';

export type { BoundFormat } from './define.ts';

/**
 * Finds the format that an option names and reads its own options (`own`: those whose key begins with `prefix`).
 * Undefined after reporting an unknown format or a bad option.
 */
export function bindFormat(
  formats: readonly Format[],
  text: OptionText,
  prefix: string,
  own: readonly OptionText[],
  report: DiagnosticSink,
): BoundFormat | undefined {
  const format = formats.find((f) => f.name === text.value.trim());
  if (format === undefined) {
    const names = formats.map((f) => f.name);
    const near = suggest(text.value, names);
    report.report({
      code: 'unknown-format',
      severity: 'error',
      message: `unknown format '${text.value}'`,
      span: text.valueSpan,
      help: near === undefined ? `known formats: ${names.join(', ')}` : `did you mean '${near}'?`,
      ...(near === undefined ? {} : { fix: { span: text.valueSpan, text: `'${near}'` } }),
    });
    return undefined;
  }
  const options: Record<string, unknown> = {};
  for (const [key, declaration] of Object.entries(format.options)) {
    if (declaration.default === undefined) continue;
    const read = declaration.parse(declaration.default);
    if ('value' in read) options[key] = read.value;
  }
  let ok = true;
  for (const option of own) {
    const key = option.key.slice(prefix.length);
    const declaration = Object.hasOwn(format.options, key) ? format.options[key] : undefined;
    if (declaration === undefined) {
      const known = Object.keys(format.options).map((k) => prefix + k);
      report.report(suggestOption(`format '${format.name}'`, option, known, []));
      ok = false;
      continue;
    }
    const value = readOption(declaration, option, report);
    if (value === undefined) ok = false;
    else options[key] = value.value;
  }
  if (!ok) return undefined;
  return {
    name: format.name,
    check: (fields, role) => {
      const able = role === 'source' ? format.createDecoder : format.createEncoder;
      if (able === undefined) return `format '${format.name}' cannot be ${role === 'source' ? 'read' : 'written'}`;
      return format.check?.(fields, options, role);
    },
    createDecoder: (fields, wanted, context) => {
      if (format.createDecoder === undefined) throw new Error(`format '${format.name}' cannot be read`);
      return format.createDecoder(fields, wanted, options, context);
    },
    createEncoder: (fields, context) => {
      if (format.createEncoder === undefined) throw new Error(`format '${format.name}' cannot be written`);
      return format.createEncoder(fields, options, context);
    },
  };
}
