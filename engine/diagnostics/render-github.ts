import { indexLines, placeOf } from './line-index.ts';
import type { FileDiagnostics } from './render.ts';

const levels = { error: 'error', warning: 'warning', hint: 'notice' } as const;

/** Workflow commands, which GitHub shows at the lines of a pull request. */
export function renderGithub(files: readonly FileDiagnostics[]): string {
  return files
    .flatMap(({ file, text, diagnostics }) => {
      const index = indexLines(text);
      return diagnostics.map(({ code, severity, message, span, help }) => {
        const { line, column, endLine, endColumn } = placeOf(index, span);
        const place = `file=${property(file)},line=${line},col=${column},endLine=${endLine},endColumn=${endColumn}`;
        const body = help === undefined ? message : `${message}\nhelp: ${help}`;
        return `::${levels[severity]} ${place},title=${property(`${severity}[${code}]`)}::${data(body)}\n`;
      });
    })
    .join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
