import { type DeadLetterTable, type LetterColumn, letterColumns } from '../connector/dead-letter.ts';
import { isRejectOption } from '../connector/rejection.ts';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import { typeText } from '../types/data-type.ts';
import { type Context, didYouMean, mistake } from './context.ts';
import type { TableDefinition } from './table-definition.ts';

/**
 * The table of `cryptopipe.dead-letter.table`, checked at the end of the file; `at` is the value of its SET, `late` that of
 * `cryptopipe.late-rows`.
 */
export function deadLetterTable(context: Context, at: Span, late: Span): DeadLetterTable | undefined {
  const name = context.settings.values['cryptopipe.dead-letter.table'];
  if (name === undefined) {
    reportMissing(context, late);
    return undefined;
  }
  const tables = context.catalog.list().flatMap((object) => (object.kind === 'table' ? [object.definition] : []));
  const definition = tables.find((table) => table.shape.name === name);
  if (definition === undefined && context.lost.has(name)) return undefined;
  if (definition === undefined) {
    const names = tables.map((table) => table.shape.name);
    const near = didYouMean(name, names, at, 'declare it with CREATE TABLE; its columns are matched by name');
    const fix = near.fix === undefined ? {} : { fix: { span: at, text: `'${near.help!.split("'")[1]}'` } };
    return mistake(context, 'unknown-table', `no table '${name}' takes the dead letters`, at, { ...near, ...fix });
  }
  return definition.broken ? undefined : checked(context, definition, at);
}

function checked(context: Context, definition: TableDefinition, at: Span): DeadLetterTable | undefined {
  const { shape, bound } = definition;
  const connector = bound?.use('sink', definition.text.name.span, context.report);
  const written = shape.columns.flatMap((column, i) => (column.kind === 'metadata' && column.virtual ? [] : [i]));
  const problems = written.flatMap((index) => problemOf(definition, index) ?? []);
  for (const problem of problems) context.report.report(problem);
  if (written.length === 0) {
    mistake(context, 'unknown-column', `dead-letter table '${shape.name}' has no column to write`, at);
  }
  if (connector === undefined || problems.length > 0 || written.length === 0) return undefined;
  return {
    name: shape.name,
    columns: written.map((index) => {
      const { name, type } = shape.columns[index]!;
      return { name: name as LetterColumn, type };
    }),
    createSink: (sinkContext) => connector.createSink(written, sinkContext),
  };
}

function problemOf({ shape, columns }: TableDefinition, index: number): Diagnostic | undefined {
  const { name, type } = shape.columns[index]!;
  const span = columns.find((column) => column.shapeIndex === index)!.node.name.span;
  const known = Object.keys(letterColumns);
  const severity = 'error' as const;
  if (!Object.hasOwn(letterColumns, name)) {
    const message = `a dead-letter table has no column '${name}'`;
    return {
      code: 'unknown-column',
      severity,
      message,
      span,
      ...didYouMean(name, known, span, `it may have: ${known.join(', ')}`),
    };
  }
  const kinds: readonly string[] = letterColumns[name as LetterColumn].kinds;
  if (kinds.includes(type.kind)) return undefined;
  const expected = kinds.map((kind) => typeNames[kind] ?? kind).join(' or ');
  const message = `column '${name}' of a dead-letter table is ${expected}, found ${typeText(type, false)}`;
  return { code: 'sink-type', severity, message, span };
}

const typeNames: Readonly<Record<string, string>> = { VARCHAR: 'STRING', VARBINARY: 'BYTES' };

/** Tables that want dead letters while there is nowhere to put them. */
function reportMissing(context: Context, late: Span): void {
  if (context.settings.values['cryptopipe.late-rows'] === 'dead-letter') {
    mistake(
      context,
      'missing-option',
      "'cryptopipe.late-rows' = 'dead-letter' needs a table for the dead letters",
      late,
      {
        help: "SET 'cryptopipe.dead-letter.table' = 'the name of a declared table'",
      },
    );
  }
  for (const object of context.catalog.list()) {
    if (object.kind !== 'table') continue;
    const { bound, text } = object.definition;
    for (const [key, value] of bound?.options ?? []) {
      if (!isRejectOption(key) || value.toLowerCase() !== 'dead-letter') continue;
      const written = text.options.find((option) => option.key.value === key);
      mistake(
        context,
        'missing-option',
        `'${key}' = 'dead-letter' of table '${text.name.name}' needs a table for the dead letters`,
        written?.value.span ?? text.name.span,
        { help: "SET 'cryptopipe.dead-letter.table' = 'the name of a declared table'" },
      );
      break;
    }
  }
}
