import type { DiagnosticSink, Span } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { Script, Statement } from './ast.ts';
import { abandoned, Cursor } from './cursor.ts';
import { beginsQuery } from './operand.ts';
import { statementStarts, structural } from './reserved.ts';
import { parseStatement } from './statement.ts';
import { StatementMistakes } from './statement-mistakes.ts';
import type { Token } from './token.ts';
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
  const mistakes = new Map<Statement, readonly Span[]>();
  const lost = new Set<string>();
  /** A statement set was left at a mistake: its END comes alone. */
  let insideSet = false;
  let before: Statement | 'left' | undefined;
  /** A semicolon seems to be missing in the middle of the line before: what is told of the rest may be wrong. */
  let guessed = false;
  for (;;) {
    p.begin();
    let ending: Token | undefined;
    while (p.is(';')) {
      ending = p.take();
      p.begin();
    }
    if (p.peek().kind === 'end') {
      p.take();
      found.end(before === 'left');
      return {
        statements,
        ...(mistaken.size > 0 ? { mistaken } : {}),
        ...(mistakes.size > 0 ? { mistakes } : {}),
        ...(lost.size > 0 ? { lost } : {}),
      };
    }
    if (insideSet && p.accept('END')) {
      insideSet = false;
      continue;
    }
    if (before !== undefined && continuesStatement(p)) {
      // What belongs to a statement that was left at a mistake is told with it.
      if (before !== 'left') {
        found.clear();
        if (ending !== undefined) reportEarlyEnd(p, ending);
        mistaken.add(before);
      }
      p.recover();
      continue;
    }
    found.end(before === 'left');
    const { key: start, start: from } = p.peek();
    try {
      skipPrompt(p);
      const statement = parseStatement(p);
      const wrong = found.mislead || guessed;
      if (found.places.length > 0) mistakes.set(statement, found.places);
      guessed = endStatement(p);
      if (wrong || guessed) mistaken.add(statement);
      statements.push(statement);
      before = statement;
    } catch (reason) {
      if (reason !== abandoned) throw reason;
      insideSet ||= start === 'BEGIN' || start === 'EXECUTE' || start === 'EXPLAIN' || start === 'STATEMENT';
      p.recover();
      const name = createdName(text.slice(from, p.previousEnd));
      if (name !== undefined) lost.add(name);
      before = 'left';
      if (guessed) found.clear();
      guessed = false;
    }
  }
}

const PART = '(?:`[^`]+`|[\\w$]+)';
const CREATED = new RegExp(
  `^(?:\\w+\\s+){1,4}(?:TABLE|VIEW|TABL|TABEL|TALBE|VEIW)\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(?:${PART}\\.)*(${PART})`,
  'i',
);

/** The last part of the name that a statement creates, as far as its text tells, if it is one that creates. */
function createdName(statement: string): string | undefined {
  const [first] = /^\w+/.exec(statement) ?? [''];
  if (suggest(first, ['CREATE']) === undefined) return undefined;
  return CREATED.exec(statement)?.[1]?.replaceAll('`', '');
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

/** `SELECT a; FROM t`: the semicolon is told, and the rest is read over. */
function reportEarlyEnd(p: Cursor, { start, end }: Token): void {
  p.report(
    `found the end of the statement ';', expected '${p.source(p.peek())}' to go on with it`,
    { start, end },
    { help: "remove the ';'", fix: { span: { start, end }, text: '' } },
  );
}

/** Whether the statement ends with a guess: another one begins on its line, without a semicolon before it. */
function endStatement(p: Cursor): boolean {
  const token = p.peek();
  if (token.kind === 'end' || token.key === ';') return false;
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
  return !p.text.slice(p.previousEnd, token.start).includes('\n');
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
    case 'SELECT':
    case 'VALUES':
      return beginsItem(next);
    case 'SET':
      return next.kind === 'string' || next.kind === 'word' || next.kind === 'quoted';
    default:
      return next.kind !== 'end' && next.key !== ';' && !structural.has(next.key);
  }
}

/** Whether what SELECT gives begins here. */
function beginsItem({ kind, key }: Token): boolean {
  if (kind === 'symbol') return ['(', '*', '+', '-', '/*+'].includes(key);
  if (kind === 'word') return itemStarts.has(key) || !structural.has(key);
  return kind !== 'end' && kind !== 'invalid';
}

/** Words that hold a statement together elsewhere. */
const itemStarts: ReadonlySet<string> = new Set(['ALL', 'CASE', 'CAST', 'DISTINCT', 'EXISTS', 'LEFT', 'NOT', 'RIGHT']);

/** What no statement begins with, and what goes on with one. */
const continuations: ReadonlySet<string> = new Set(
  `AND AS CROSS EXCEPT FETCH FROM FULL GROUP HAVING INNER INTERSECT JOIN LEFT LIKE LIMIT ON OR ORDER RIGHT UNION WHERE
  WINDOW , ) = . ||`.split(/\s+/),
);

function continuesStatement(p: Cursor): boolean {
  if (p.is('(')) return !p.is('(', 1) && !beginsQuery(p, 1);
  return continuations.has(p.peek().key) || (p.is('WITH') && p.is('(', 1));
}
