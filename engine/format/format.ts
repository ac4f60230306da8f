import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.ts';
import type { Script, Statement } from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';
import { concat, type Doc, text as textDoc } from './doc.ts';
import { renderDoc } from './render.ts';
import { sameMeaning } from './same-meaning.ts';
import { spell } from './spelling.ts';
import { layoutStatement } from './statement.ts';
import { readWords, type Word } from './tokens.ts';
import { type Source, wordDoc } from './unit.ts';

const WIDTH = 110;

/** A job file in the one style; no text where it cannot be parsed. */
export interface Formatted {
  readonly text: string | undefined;
  /** Mistakes of grammar. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface FormatOptions {
  /** Whether an upper-case name is one of the known functions, which are written in upper case. */
  isFunction(name: string): boolean;
}

/**
 * Formats a job file: only blanks, line breaks and the case of keywords change, so it says the same before and after,
 * comments included. Formatting twice changes nothing more. Needs only the grammar.
 */
export function formatScript(text: string, options: FormatOptions): Formatted {
  const report = new Diagnostics();
  const script = parse(text, { report });
  if (report.hasErrors) return { text: undefined, diagnostics: report.list };
  const formatted = layoutScript(text, script, options);
  const again = new Diagnostics();
  if (!sameMeaning(script, parse(formatted, { report: again })) || again.hasErrors) {
    throw new Error('formatting would change what the file says');
  }
  return { text: formatted, diagnostics: report.list };
}

function layoutScript(text: string, script: Script, { isFunction }: FormatOptions): string {
  const words = readWords(
    text,
    script.statements.filter(isRaw).map(({ span }) => span),
  );
  const source: Source = {
    words,
    indexAt: (offset) => indexAt(words, offset),
    spelling: spell(script, words, isFunction),
  };
  let result = '';
  let previousTall = false;
  const add = (doc: Doc, first: Word): void => {
    const rendered = renderDoc(doc, WIDTH);
    const tall = rendered.split('\n').length > first.above.length + 1;
    const apart = first.blank || tall || previousTall;
    result += `${result === '' ? '' : apart ? '\n\n' : '\n'}${rendered}`;
    previousTall = tall;
  };
  let at = 0;
  for (const statement of script.statements) {
    const from = indexAt(words, statement.span.start);
    for (const word of words.slice(at, from)) addCommentsOf(word, add);
    at = indexAt(words, statement.span.end);
    const end = words[at]!;
    const present = end.key === ';';
    const semicolon = present ? wordDoc(source, end) : wordDoc(source, { ...end, text: ';', above: [], before: [] });
    if (present) at++;
    else words[at] = { ...end, behind: [] };
    add(concat([layoutStatement(source, statement), semicolon]), words[from]!);
  }
  for (const word of words.slice(at)) addCommentsOf(word, add);
  return result === '' ? '' : `${result}\n`;
}

/** Statements that are not read as tokens. */
function isRaw(statement: Statement): boolean {
  switch (statement.kind) {
    case 'alter':
      return true;
    case 'set':
    case 'reset':
      return !statement.quoted;
    default:
      return false;
  }
}

/** A semicolon without a statement, or the end of the file: only their comments stay. */
function addCommentsOf(word: Word, add: (doc: Doc, first: Word) => void): void {
  const comments = [...word.above, ...word.before, ...word.behind];
  if (comments.length === 0) return;
  while (comments.at(-1) === '') comments.pop();
  const [first, ...rest] = comments;
  add(concat([textDoc([first, ...rest].join('\n'))]), { ...word, above: rest });
}

/** The index of the first word at or behind an offset. */
function indexAt(words: readonly Word[], offset: number): number {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle]!.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
