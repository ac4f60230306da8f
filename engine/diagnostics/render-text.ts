import picocolors from 'picocolors';
import type { Diagnostic, Fix, Severity } from './diagnostic.ts';
import { oneLine } from './display.ts';
import { type Frame, frameOf, shownLine } from './frame.ts';
import { indexLines, type LineIndex, positionAt } from './line-index.ts';
import type { FileDiagnostics } from './render.ts';

type Colors = ReturnType<typeof picocolors.createColors>;

/** More lines than these of a suggestion are not shown. */
const MAX_FIX_LINES = 6;

/**
 * For people: a headline, the place, the line with carets under the mistake, help, and the line as the fix would
 * make it; at the end the number of errors and warnings.
 */
export function renderText(files: readonly FileDiagnostics[], colors: boolean): string {
  const c = picocolors.createColors(colors);
  const blocks = files.flatMap(({ file, text, diagnostics }) => {
    const index = indexLines(text);
    return diagnostics.map((diagnostic) => renderOne(file, index, diagnostic, c));
  });
  if (blocks.length === 0) return '';
  return `${blocks.join('\n')}\n${summary(files, c)}\n`;
}

function renderOne(file: string, index: LineIndex, diagnostic: Diagnostic, c: Colors): string {
  const { code, severity, message, span, label, help, fix } = diagnostic;
  const frame = frameOf(index, span);
  const suggestion = fix === undefined ? undefined : suggestionOf(index, fix);
  const last = Math.max(frame.rows.at(-1)?.line ?? 1, suggestion?.at(-1)?.line ?? 1);
  const gutter = ' '.repeat(String(last).length);
  const bar = c.blue('|');
  const { line, column } = positionAt(index, span.start);
  const lines = [
    c.bold(`${paint(severity, c)(`${severity}[${code}]`)}: ${oneLine(message)}`),
    `${gutter}${c.blue('-->')} ${oneLine(file)}:${line}:${column}`,
    `${gutter} ${bar}`,
    ...frameLines(frame, severity, label, gutter, c),
  ];
  if (help !== undefined || suggestion !== undefined) lines.push(`${gutter} ${bar}`);
  if (help !== undefined) {
    // Statements to run come in lines of their own.
    const [first = '', ...more] = help.split('\n').map(oneLine);
    lines.push(`${gutter} ${c.blue('=')} ${c.bold('help')}: ${first}`, ...more.map((each) => `${gutter}   ${each}`));
  }
  if (suggestion !== undefined) {
    if (help === undefined) lines.push(`${gutter} ${c.blue('=')} ${c.bold('help')}: write`);
    for (const { line: number, sign, text } of suggestion) {
      const row = `${String(number).padStart(gutter.length)} ${sign} ${text}`.trimEnd();
      lines.push(sign === '+' ? c.green(row) : c.red(row));
    }
  }
  return `${lines.join('\n')}\n`;
}

function frameLines(frame: Frame, severity: Severity, label: string | undefined, gutter: string, c: Colors): string[] {
  const bar = c.blue('|');
  const lines: string[] = [];
  frame.rows.forEach((row, i) => {
    if (row.skipped) lines.push(c.blue('...'));
    lines.push(`${c.blue(String(row.line).padStart(gutter.length))} ${bar} ${row.text}`.trimEnd());
    const note = label !== undefined && i === frame.rows.length - 1 ? ` ${oneLine(label)}` : '';
    const carets = '^'.repeat(Math.max(1, row.end - row.start));
    lines.push(`${gutter} ${bar} ${' '.repeat(row.start)}${paint(severity, c)(carets + note)}`);
  });
  return lines;
}

function paint(severity: Severity, c: Colors): (text: string) => string {
  switch (severity) {
    case 'error':
      return c.red;
    case 'warning':
      return c.yellow;
    case 'hint':
      return c.cyan;
  }
}

interface SuggestedLine {
  readonly line: number;
  readonly sign: '-' | '+';
  readonly text: string;
}

/** The lines of a fix before and after; undefined where it is too long to show. */
function suggestionOf(index: LineIndex, fix: Fix): SuggestedLine[] | undefined {
  const first = positionAt(index, fix.span.start).line;
  const last = positionAt(index, fix.span.end).line;
  const start = index.starts[first - 1]!;
  const nextStart = index.starts[last];
  const end = nextStart === undefined ? index.text.length : nextStart;
  const before = index.text.slice(start, end);
  const after = before.slice(0, fix.span.start - start) + fix.text + before.slice(fix.span.end - start);
  const removed = linesOf(before);
  const added = linesOf(after);
  if (removed.length + added.length > 2 * MAX_FIX_LINES) return undefined;
  const at = fix.span.start - start;
  return [
    ...removed.map((text, i) => ({ line: first + i, sign: '-' as const, text: shownLine(text, i === 0 ? at : 0) })),
    ...added.map((text, i) => ({ line: first + i, sign: '+' as const, text: shownLine(text, i === 0 ? at : 0) })),
  ];
}

function linesOf(text: string): string[] {
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

function summary(files: readonly FileDiagnostics[], c: Colors): string {
  const count = (severity: Severity) =>
    files.reduce((sum, file) => sum + file.diagnostics.filter((d) => d.severity === severity).length, 0);
  const parts = (['error', 'warning', 'hint'] as const)
    .map((severity) => ({ severity, n: count(severity) }))
    .filter(({ n }) => n > 0)
    .map(({ severity, n }) => paint(severity, c)(`${n} ${severity}${n === 1 ? '' : 's'}`));
  return parts.join(', ');
}
