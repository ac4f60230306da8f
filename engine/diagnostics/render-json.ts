import { indexLines, placeOf } from './line-index.ts';
import type { FileDiagnostics } from './render.ts';

/**
 * An array of `{file, code, severity, message, line, column, endLine, endColumn, label?, help?, fix?}`, lines and
 * columns from 1, ends exclusive; a fix is `{line, column, endLine, endColumn, text}`.
 */
export function renderJson(files: readonly FileDiagnostics[]): string {
  const list = files.flatMap(({ file, text, diagnostics }) => {
    const index = indexLines(text);
    return diagnostics.map(({ code, severity, message, span, label, help, fix }) => ({
      file,
      code,
      severity,
      message,
      ...placeOf(index, span),
      ...(label === undefined ? {} : { label }),
      ...(help === undefined ? {} : { help }),
      ...(fix === undefined ? {} : { fix: { ...placeOf(index, fix.span), text: fix.text } }),
    }));
  });
  return `${JSON.stringify(list, undefined, 2)}\n`;
}
