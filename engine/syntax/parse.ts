import type { DiagnosticSink } from '../diagnostics/diagnostic.ts';
import type { Script, Statement } from './ast.ts';
import { abandoned, Cursor } from './cursor.ts';
import { statementStarts, structural } from './reserved.ts';
import { parseStatement } from './statement.ts';
import { StatementMistakes } from './statement-mistakes.ts';
import type { Variables } from './variables.ts';

export interface ParseOptions {
  /** Fills in `${NAME}` in string literals; undefined leaves them as they are. */
  readonly variables?: Variables;
  /** Receives the mistakes. */
  readonly report: DiagnosticSink;
}

/** Parses a whole job file. Never throws; goes on after a mistake at the next `;`. */
export function parse(text: string, options: ParseOptions): Script {
  const found = new StatementMistakes(text, options.report);
  const p = new Cursor(text, options.variables, found);
  const statements: Statement[] = [];
  const mistaken = new Set<Statement>();
  /** A statement set was left at a mistake: its END comes alone. */
  let insideSet = false;
  for (;;) {
    p.begin();
    while (p.accept(';') !== undefined) p.begin();
    if (p.peek().kind === 'end') {
      p.take();
      found.end();
      return { statements, ...(mistaken.size > 0 ? { mistaken } : {}) };
    }
    if (insideSet && p.accept('END')) {
      insideSet = false;
      continue;
    }
    const start = p.peek().key;
    try {
      skipPrompt(p);
      const statement = parseStatement(p);
      if (found.ofGrammar) mistaken.add(statement);
      endStatement(p);
      statements.push(statement);
    } catch (reason) {
      if (reason !== abandoned) throw reason;
      insideSet ||= start === 'BEGIN' || start === 'EXECUTE' || start === 'EXPLAIN' || start === 'STATEMENT';
      p.recover();
    }
    found.end();
  }
}

/** `Flink SQL>`, copied from a client: told, and the lines' own prompts are read over. */
function skipPrompt(p: Cursor): void {
  if (!p.follows('FLINK', 'SQL', '>')) return;
  const start = p.take();
  p.take();
  p.take();
  p.lexer.prompted = true;
  const span = p.span(start);
  p.report("found 'Flink SQL>', expected a statement", span, {
    label: "the client's prompt",
    help: 'it was copied from a client: remove it',
    fix: { span: { start: span.start, end: p.peek().start }, text: '' },
  });
}

function endStatement(p: Cursor): void {
  const token = p.peek();
  if (token.kind === 'end' || token.key === ';') return;
  if (!beginsStatement(p)) p.unexpected('the end of the statement');
  const at = { start: p.previousEnd, end: p.previousEnd };
  p.report(
    `found '${p.source(token)}', expected ';' before it`,
    { start: token.start, end: token.end },
    {
      label: 'a new statement begins here',
      help: "put ';' after the statement before",
      fix: { span: at, text: ';' },
    },
  );
}

/** Whether the next statement follows, of which the first word alone is not enough to tell. */
function beginsStatement(p: Cursor): boolean {
  const token = p.peek();
  if (!statementStarts.has(token.key) || p.previous?.key === ',') return false;
  const next = p.peek(1);
  switch (token.key) {
    case 'CREATE':
      return ['TABLE', 'VIEW', 'TEMPORARY', 'OR', 'FUNCTION', 'DATABASE', 'CATALOG'].includes(next.key);
    case 'DROP':
    case 'ALTER':
      return ['TABLE', 'VIEW', 'TEMPORARY', 'FUNCTION', 'DATABASE', 'CATALOG'].includes(next.key);
    case 'INSERT':
      return next.key === 'INTO' || next.key === 'OVERWRITE';
    case 'EXECUTE':
    case 'BEGIN':
      return next.key === 'STATEMENT';
    default:
      return next.kind !== 'end' && next.key !== ';' && !structural.has(next.key);
  }
}
