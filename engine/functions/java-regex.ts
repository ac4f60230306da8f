import { type ClassNode, classItems, parseClass } from './java-regex-class.ts';

/**
 * Java's regular expressions as JavaScript's. A pattern is read into a tree and written again; what has no faithful
 * translation is refused with a reason, so that nothing matches silently differently.
 */

export type RegexNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'class'; readonly set: ClassNode }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly RegexNode[] }
  | { readonly kind: 'capture'; readonly index: number; readonly body: RegexNode }
  | { readonly kind: 'atomic'; readonly body: RegexNode }
  | { readonly kind: 'look'; readonly opener: string; readonly body: RegexNode }
  | { readonly kind: 'repeat'; readonly body: RegexNode; readonly quantifier: string; readonly possessive: boolean }
  | { readonly kind: 'backreference'; readonly index: number }
  /** A translated assertion. */
  | { readonly kind: 'raw'; readonly script: string };

/** A pattern that Java refuses. */
export class InvalidPattern extends Error {}

/** A pattern that Java takes and this translation does not. */
export class UntranslatablePattern extends Error {}

export interface Flags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly comments: boolean;
  readonly unixLines: boolean;
}

const NO_FLAGS: Flags = { ignoreCase: false, multiline: false, dotAll: false, comments: false, unixLines: false };

const FLAG_NAMES: Readonly<Record<string, keyof Flags>> = {
  i: 'ignoreCase',
  m: 'multiline',
  s: 'dotAll',
  x: 'comments',
  d: 'unixLines',
};

const TERMINATORS = '\\n\\r\\u0085\\u2028\\u2029';
const WORD = '[\\p{L}\\p{Nd}\\p{M}_]';

/** The pattern's tree and the number of its groups. */
export function parseJavaRegex(pattern: string): { root: RegexNode; groups: number } {
  const parser = new Parser(pattern);
  const root = parser.choice(NO_FLAGS).node;
  if (!parser.atEnd) throw new InvalidPattern(`unmatched ')' near index ${parser.position}`);
  return { root, groups: parser.groups };
}

class Parser {
  groups = 0;
  position = 0;
  readonly #chars: readonly string[];
  readonly #names = new Map<string, number>();

  constructor(pattern: string) {
    this.#chars = Array.from(pattern);
  }

  get atEnd(): boolean {
    return this.position >= this.#chars.length;
  }

  #peek(offset = 0): string {
    return this.#chars[this.position + offset] ?? '';
  }

  #take(): string {
    if (this.atEnd) throw new InvalidPattern('unexpected end of the pattern');
    return this.#chars[this.position++]!;
  }

  #accept(text: string): boolean {
    for (const [i, c] of Array.from(text).entries()) if (this.#peek(i) !== c) return false;
    this.position += text.length;
    return true;
  }

  #until(end: string): string {
    let text = '';
    while (!this.#accept(end)) text += this.#take();
    return text;
  }

  /** Alternatives up to a closing bracket; flags set inside hold for the rest of it. */
  choice(flags: Flags): { node: RegexNode; flags: Flags } {
    let current = flags;
    const branches: RegexNode[] = [];
    let items: RegexNode[] = [];
    const finish = () => {
      branches.push(items.length === 1 ? items[0]! : { kind: 'sequence', items });
      items = [];
    };
    while (!this.atEnd && this.#peek() !== ')') {
      if (current.comments && this.#skipComment()) continue;
      if (this.#accept('|')) {
        finish();
        continue;
      }
      const switched = this.#switchFlags(current);
      if (switched !== undefined) {
        current = switched;
        continue;
      }
      const atom = this.#atom(current);
      items.push(this.#quantified(atom, current));
    }
    finish();
    return { node: branches.length === 1 ? branches[0]! : { kind: 'choice', branches }, flags: current };
  }

  #skipComment(): boolean {
    if (/[ \t\n\v\f\r]/.test(this.#peek())) {
      this.position++;
      return true;
    }
    if (this.#peek() !== '#') return false;
    while (!this.atEnd && this.#take() !== '\n');
    return true;
  }

  /** `(?i)` and the like; undefined where there is none. */
  #switchFlags(flags: Flags): Flags | undefined {
    const match = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?\)/.exec(
      this.#chars.slice(this.position, this.position + 20).join(''),
    );
    if (match === null) return undefined;
    this.position += match[0].length;
    return applyFlags(flags, match[1]!, match[2] ?? '');
  }

  #quantified(atom: RegexNode, flags: Flags): RegexNode {
    if (flags.comments) while (this.#skipComment());
    const quantifier = this.#quantifier();
    if (quantifier === undefined) return atom;
    const possessive = this.#accept('+');
    const lazy = !possessive && this.#accept('?');
    if (/[*+?]/.test(this.#peek())) throw new InvalidPattern(`dangling meta character '${this.#peek()}'`);
    if (this.#peek() === '{') throw new UntranslatablePattern('two quantifiers in a row are not supported');
    return { kind: 'repeat', body: atom, quantifier: lazy ? `${quantifier}?` : quantifier, possessive };
  }

  #quantifier(): string | undefined {
    const c = this.#peek();
    if (c === '*' || c === '+' || c === '?') return this.#take();
    if (c !== '{') return undefined;
    const match = /^\{(\d+)(,(\d*))?\}/.exec(this.#chars.slice(this.position, this.position + 30).join(''));
    if (match === null) throw new InvalidPattern('illegal repetition');
    if (match[3] !== undefined && match[3] !== '' && Number(match[3]) < Number(match[1])) {
      throw new InvalidPattern('illegal repetition range');
    }
    this.position += match[0].length;
    return match[0];
  }

  #atom(flags: Flags): RegexNode {
    const c = this.#take();
    switch (c) {
      case '(':
        return this.#group(flags);
      case '[':
        return { kind: 'class', set: this.#class(flags) };
      case '.':
        if (flags.dotAll) return { kind: 'raw', script: '[\\s\\S]' };
        return { kind: 'raw', script: flags.unixLines ? '[^\\n]' : `[^${TERMINATORS}]` };
      case '^':
        return { kind: 'raw', script: startScript(flags) };
      case '$':
        return { kind: 'raw', script: endScript(flags) };
      case '\\':
        return this.#escape(flags);
      case '*':
      case '+':
      case '?':
        throw new InvalidPattern(`dangling meta character '${c}'`);
      case '{':
        throw new InvalidPattern('illegal repetition');
      default:
        return character(c, flags);
    }
  }

  #group(flags: Flags): RegexNode {
    if (!this.#accept('?')) return this.#capture(flags);
    if (this.#accept(':')) return this.#inside(flags);
    if (this.#accept('>')) return { kind: 'atomic', body: this.#inside(flags) };
    for (const opener of ['=', '!', '<=', '<!']) {
      if (this.#accept(opener)) {
        const body = this.#inside(flags);
        return { kind: 'look', opener: `(?${opener}`, body };
      }
    }
    if (this.#accept('<')) {
      const name = this.#until('>');
      if (!/^[a-zA-Z][a-zA-Z0-9]*$/.test(name)) throw new InvalidPattern(`bad group name '${name}'`);
      this.#names.set(name, this.groups + 1);
      return this.#capture(flags);
    }
    const match = /^([a-zA-Z]*)(?:-([a-zA-Z]*))?:/.exec(this.#chars.slice(this.position, this.position + 20).join(''));
    if (match === null) throw new InvalidPattern('unknown inline modifier');
    this.position += match[0].length;
    return this.#inside(applyFlags(flags, match[1]!, match[2] ?? ''));
  }

  #capture(flags: Flags): RegexNode {
    const index = ++this.groups;
    return { kind: 'capture', index, body: this.#inside(flags) };
  }

  #inside(flags: Flags): RegexNode {
    const { node } = this.choice(flags);
    if (!this.#accept(')')) throw new InvalidPattern('unclosed group');
    return node;
  }

  #class(flags: Flags): ClassNode {
    const { set, end } = parseClass(this.#chars, this.position, flags);
    this.position = end;
    return set;
  }

  #escape(flags: Flags): RegexNode {
    const c = this.#peek();
    if (c === 'Q') {
      this.position++;
      let text = '';
      while (!this.atEnd && !this.#accept('\\E')) text += this.#take();
      return { kind: 'sequence', items: Array.from(text, (item) => character(item, flags)) };
    }
    if (c >= '1' && c <= '9') return this.#backreference(flags);
    switch (c) {
      case '':
        throw new InvalidPattern('the pattern ends with a backslash');
      case 'b':
        this.position++;
        if (this.#peek() === '{') throw new UntranslatablePattern('\\b{…} is not supported');
        return { kind: 'raw', script: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))` };
      case 'B':
        this.position++;
        return { kind: 'raw', script: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))` };
      case 'A':
        this.position++;
        return { kind: 'raw', script: '^' };
      case 'z':
        this.position++;
        return { kind: 'raw', script: '$' };
      case 'Z':
        this.position++;
        return { kind: 'raw', script: endScript({ ...flags, multiline: false }) };
      case 'R':
        this.position++;
        return { kind: 'raw', script: '(?:\\r\\n|[\\n\\v\\f\\r\\u0085\\u2028\\u2029])' };
      case 'G':
      case 'X':
        throw new UntranslatablePattern(`\\${c} is not supported`);
      case 'k': {
        this.position++;
        if (!this.#accept('<')) throw new InvalidPattern("'<' expected after \\k");
        const name = this.#until('>');
        const index = this.#names.get(name);
        if (index === undefined) throw new InvalidPattern(`group '${name}' does not exist`);
        return this.#reference(index, flags);
      }
    }
    const { set, end } = classItems(this.#chars, this.position, flags);
    this.position = end;
    return { kind: 'class', set };
  }

  /** \1 to \9 and on, as long as there is such a group. */
  #backreference(flags: Flags): RegexNode {
    let index = Number(this.#take());
    while (this.#peek() >= '0' && this.#peek() <= '9' && index * 10 + Number(this.#peek()) <= this.groups) {
      index = index * 10 + Number(this.#take());
    }
    return this.#reference(index, flags);
  }

  #reference(index: number, flags: Flags): RegexNode {
    if (flags.ignoreCase) throw new UntranslatablePattern('a back-reference under (?i) is not supported');
    return { kind: 'backreference', index };
  }
}

function applyFlags(flags: Flags, on: string, off: string): Flags {
  let result = flags;
  for (const [letters, value] of [
    [on, true],
    [off, false],
  ] as const) {
    for (const letter of letters) {
      const name = FLAG_NAMES[letter];
      if (name !== undefined) result = { ...result, [name]: value };
      else if (letter === 'u' || letter === 'U') {
        throw new UntranslatablePattern(`the flag (?${letter}) is not supported`);
      } else throw new InvalidPattern(`unknown inline modifier '${letter}'`);
    }
  }
  return result;
}

function character(c: string, flags: Flags): RegexNode {
  const lower = c.toLowerCase();
  if (flags.ignoreCase && /^[a-zA-Z]$/.test(c)) return { kind: 'raw', script: `[${lower}${lower.toUpperCase()}]` };
  return { kind: 'text', text: c };
}

function startScript(flags: Flags): string {
  if (!flags.multiline) return '^';
  const after = flags.unixLines ? '(?<=\\n)' : '(?<=[\\n\\u0085\\u2028\\u2029]|\\r(?!\\n))';
  return `(?:^|${after})(?!$)`;
}

function endScript(flags: Flags): string {
  if (flags.unixLines) return flags.multiline ? '(?=\\n|$)' : '(?=\\n?$)';
  if (flags.multiline) return '(?=\\r\\n|(?<!\\r)\\n|[\\r\\u0085\\u2028\\u2029]|$)';
  return '(?=(?:\\r\\n|(?<!\\r)\\n|[\\r\\u0085\\u2028\\u2029])?$)';
}
