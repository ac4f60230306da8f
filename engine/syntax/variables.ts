import type { DiagnosticSink, Span } from '../diagnostics/diagnostic.ts';
import { Lexer } from './lexer.ts';
import { decodeString, encodeString, type StringForm, stringParts } from './string.ts';

/** The value of a variable, or undefined where it is not set. */
export type Variables = (name: string) => string | undefined;

/**
 * Fills in the variables of a string literal: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, and `$${` for `${`
 * itself. As in a shell, `:-` and `:?` also act where the variable is set and empty. `content` is the place between the
 * quotes. Gives the value; reports what is missing.
 */
export function fillLiteral(
  text: string,
  content: Span,
  form: StringForm,
  variables: Variables,
  report: DiagnosticSink,
): string {
  const source = text.slice(content.start, content.end);
  if (!source.includes('${')) return decodeString(source, form);
  return new Filling(text, form, variables, report).upTo(content.start, content.end, false).value;
}

/**
 * The text of a job with its variables filled in: valid SQL again, byte for byte the same outside the literals that
 * hold variables. Missing variables are reported and left as they are.
 */
export function fillVariables(text: string, variables: Variables, report: DiagnosticSink): string {
  const lexer = new Lexer(text);
  let filled = '';
  let copied = 0;
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) {
    if (token.kind !== 'string') continue;
    const { form, content } = stringParts(text, token);
    if (form === 'binary' || !text.slice(content.start, content.end).includes('${')) continue;
    const value = fillLiteral(text, content, form, variables, report);
    filled += text.slice(copied, content.start) + encodeString(value, form);
    copied = content.end;
  }
  return filled + text.slice(copied);
}

const NAME = /[A-Za-z_][\w.]*/y;

class Filling {
  readonly #text: string;
  readonly #form: StringForm;
  readonly #variables: Variables;
  readonly #report: DiagnosticSink;

  constructor(text: string, form: StringForm, variables: Variables, report: DiagnosticSink) {
    this.#text = text;
    this.#form = form;
    this.#variables = variables;
    this.#report = report;
  }

  /** Fills `[start, end)`, or where `nested` up to the `}` that closes the variable around it. */
  upTo(start: number, end: number, nested: boolean): { value: string; end: number } {
    const text = this.#text;
    let value = '';
    let plain = start;
    let at = start;
    const flush = () => {
      value += decodeString(text.slice(plain, at), this.#form);
    };
    while (at < end) {
      if (text.startsWith('$${', at)) {
        flush();
        value += '${';
        at += 3;
        plain = at;
      } else if (text.startsWith('${', at)) {
        flush();
        const variable = this.#variable(at, end);
        value += variable.value;
        at = variable.end;
        plain = at;
      } else if (nested && text[at] === '}') break;
      else at++;
    }
    flush();
    return { value, end: at };
  }

  #variable(start: number, limit: number): { value: string; end: number } {
    const text = this.#text;
    NAME.lastIndex = start + 2;
    const name = NAME.exec(text)?.[0];
    let at = name === undefined ? start + 2 : start + 2 + name.length;
    const operator = name === undefined ? '' : text.slice(at, at + 2);
    if (name !== undefined && at < limit && text[at] === '}') {
      const value = this.#variables(name);
      if (value === undefined) this.#missing(name, { start, end: at + 1 });
      return { value: value ?? text.slice(start, at + 1), end: at + 1 };
    }
    if (name === undefined || at + 2 > limit || (operator !== ':-' && operator !== ':?'))
      return this.#malformed(start, limit);
    at += 2;
    const found = this.#variables(name);
    const set = found !== undefined && found !== '';
    const close = set ? this.#skip(at, limit) : undefined;
    if (close !== undefined && set) {
      if (close >= limit) return this.#malformed(start, limit);
      return { value: found, end: close + 1 };
    }
    const rest = this.upTo(at, limit, true);
    if (rest.end >= limit) return this.#malformed(start, limit);
    if (operator === ':-') return { value: rest.value, end: rest.end + 1 };
    this.#missing(name, { start, end: rest.end + 1 }, rest.value);
    return { value: text.slice(start, rest.end + 1), end: rest.end + 1 };
  }

  /** The offset of the `}` that closes the variable whose default begins at `at`. */
  #skip(at: number, limit: number): number {
    let depth = 0;
    for (let i = at; i < limit; i++) {
      if (this.#text.startsWith('${', i)) depth++;
      else if (this.#text[i] === '}' && depth-- === 0) return i;
    }
    return limit;
  }

  #missing(name: string, span: Span, message = ''): void {
    this.#report.report({
      code: 'missing-variable',
      severity: 'error',
      message: message === '' ? `the variable '${name}' is not set` : `the variable '${name}' is not set: ${message}`,
      span,
      help: `set it, for instance in the environment, or give a default: \${${name}:-…}`,
    });
  }

  #malformed(start: number, limit: number): { value: string; end: number } {
    const close = this.#skip(start + 2, limit);
    const end = close < limit ? close + 1 : start + 2;
    this.#report.report({
      code: 'syntax',
      severity: 'error',
      message:
        close < limit
          ? `found '${this.#text.slice(start, end)}', expected \${NAME}, \${NAME:-default} or \${NAME:?message}`
          : "this variable has no closing '}'",
      span: { start, end },
      help: 'write $${ where the string is to hold ${ itself',
      fix: { span: { start, end: start }, text: '$' },
    });
    return { value: this.#text.slice(start, end), end };
  }
}
