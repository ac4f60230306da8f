import type { Identifier, Name, StringLiteral, TextLiteral } from './ast.ts';
import { isPlain } from './name.ts';

/** A name, in backticks where it was written so or needs them. */
export function printIdentifier({ name, quoted }: Identifier): string {
  return quoted || !isPlain(name) ? quoteName(name) : name;
}

export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function printName({ parts }: Name): string {
  return parts.map(printIdentifier).join('.');
}

/** `(a, b)`. */
export function printIdentifiers(names: readonly Identifier[]): string {
  return `(${names.map(printIdentifier).join(', ')})`;
}

/** A string literal as it was written, before variables were filled in. */
export function printString({ value, raw }: Pick<StringLiteral, 'value' | 'raw'>): string {
  return `'${(raw ?? value).replaceAll("'", "''")}'`;
}

export function printText(literal: TextLiteral): string {
  if (literal.unicode) return `U&${printString({ value: escapeUnicode(literal.raw ?? literal.value) })}`;
  if (literal.charset === undefined) return printString(literal);
  return `${literal.charset === 'N' ? 'N' : `_${literal.charset}`}${printString(literal)}`;
}

function escapeUnicode(text: string): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (text[i] === '\\') result += '\\\\';
    else result += code < 128 ? text[i] : `\\${code.toString(16).padStart(4, '0')}`;
  }
  return result;
}
