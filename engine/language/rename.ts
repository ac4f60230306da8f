import type { Fix, Span } from '../diagnostics/diagnostic.ts';
import { Lexer } from '../syntax/lexer.ts';
import { printIdentifier } from '../syntax/print-name.ts';
import type { Named, Occurrence } from './names.ts';
import { resolveNames } from './resolve.ts';
import type { SourceFile } from './source-file.ts';

/** The name at `offset`, and every place of the file where the same is written, its definition included. */
export function occurrencesAt(
  file: SourceFile,
  offset: number,
): { readonly at: Span; readonly named: Named; readonly all: readonly Occurrence[] } | undefined {
  const all = resolveNames(file.statements);
  const at = all.find(({ span }) => span.start <= offset && offset <= span.end);
  if (at === undefined) return undefined;
  return { at: at.span, named: at.named, all: all.filter(({ named }) => named === at.named) };
}

/** The edits that give the table, view, alias or column at `offset` a new name, or why it cannot have it. */
export function rename(file: SourceFile, offset: number, name: string): readonly Fix[] | { readonly refused: string } {
  const found = occurrencesAt(file, offset);
  if (found === undefined) return { refused: 'there is no table, view, alias or column here' };
  const { named, all } = found;
  if (name.trim() === '') return { refused: 'a name needs characters' };
  const broken = unreadable(file, named.name);
  if (broken !== undefined) {
    const line = file.text.slice(0, broken.start).split('\n').length;
    return { refused: `the statement at line ${line} cannot be read and has '${named.name}' in it: repair it first` };
  }
  if (resolveNames(file.statements).some((other) => clashes(other.named, named, name))) {
    return { refused: `there is ${named.kind === 'alias' ? 'an' : 'a'} ${named.kind} '${name}' already` };
  }
  const text = printIdentifier({ kind: 'identifier', name, quoted: false, span: named.span });
  const old = printIdentifier({ kind: 'identifier', name: named.name, quoted: false, span: named.span });
  const edits = all.map(({ span, keeps }): Fix => ({ span, text: keeps === true ? `${text} AS ${old}` : text }));
  if (named.implied === true) edits.push({ span: { start: named.span.end, end: named.span.end }, text: ` AS ${text}` });
  return edits;
}

/** Whether another thing of the same place has the name: tables of the file, columns of one statement. */
function clashes(other: Named, named: Named, name: string): boolean {
  if (other === named || other.name !== name) return false;
  const tables = ['table', 'view'];
  if (tables.includes(named.kind)) return tables.includes(other.kind);
  const near = Math.abs(other.span.start - named.span.start);
  return other.kind === named.kind && near < 1 << 16 && sameStatement(other, named);
}

function sameStatement(other: Named, named: Named): boolean {
  return named.whole.start <= other.span.start && other.span.end <= named.whole.end;
}

/** The first statement that cannot be read although the name is written in it. */
function unreadable(file: SourceFile, name: string): Span | undefined {
  return file.spans.find((span) => {
    if (file.statements.some((s) => s.span.start < span.end && span.start < s.span.end)) return false;
    const lexer = new Lexer(file.text.slice(span.start, span.end));
    for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) {
      const text = lexer.text.slice(token.start, token.end);
      if (text === name || text === `\`${name}\``) return true;
    }
    return false;
  });
}
