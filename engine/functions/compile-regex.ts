import { EvaluationError } from '../types/evaluation-error.ts';
import type { RegexNode } from './java-regex.ts';
import { InvalidPattern, parseJavaRegex, UntranslatablePattern } from './java-regex.ts';
import { classScript, literalScript } from './java-regex-class.ts';

/** A translated pattern. `expression` is global and has captures of its own between the pattern's. */
export interface Regex {
  readonly expression: RegExp;
  /** Groups of the pattern, the whole match not counted. */
  readonly groupCount: number;
  /** What a group of the pattern holds, null where it took no part. */
  group(match: RegExpExecArray, index: number): string | null;
}

const CACHE_SIZE = 500;
const cache = new Map<string, Regex | null>();

/**
 * The pattern for matching; null where Java refuses it. Throws `EvaluationError` for one that Java takes and
 * JavaScript has no equal for.
 */
export function compileRegex(pattern: string): Regex | null {
  let regex = cache.get(pattern);
  if (regex === undefined) {
    regex = translate(pattern);
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(pattern, regex);
  }
  return regex;
}

/** Whether the pattern cannot be translated, said before anything runs; undefined where it can, or Java refuses it. */
export function untranslatable(pattern: string): string | undefined {
  try {
    compileRegex(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof EvaluationError) return error.message;
    throw error;
  }
}

function translate(pattern: string): Regex | null {
  try {
    const { root, groups } = parseJavaRegex(pattern);
    const writer = new Writer(groups);
    const source = writer.write(root);
    const unsure = resetGroups(root);
    for (const index of writer.references) {
      if (unsure.has(index) || !certainGroups(root).has(index)) {
        throw new UntranslatablePattern(`\\${index} may refer to a group without a match`);
      }
    }
    return {
      expression: new RegExp(source, 'gv'),
      groupCount: groups,
      group(match, index) {
        if (unsure.has(index)) {
          throw new EvaluationError(`group ${index} of '${pattern}' lies in a repetition that may skip it`);
        }
        return index === 0 ? match[0] : (match[writer.numbers[index]!] ?? null);
      },
    };
  } catch (error) {
    if (error instanceof InvalidPattern || error instanceof SyntaxError) return null;
    if (error instanceof UntranslatablePattern) {
      throw new EvaluationError(`the pattern '${pattern}' cannot be used: ${error.message}`);
    }
    throw error;
  }
}

class Writer {
  /** The number of each group of the pattern in the expression. */
  readonly numbers: number[];
  readonly references = new Set<number>();
  #captures = 0;
  readonly #groups: number;

  constructor(groups: number) {
    this.#groups = groups;
    this.numbers = new Array(groups + 1).fill(0);
  }

  write(node: RegexNode): string {
    switch (node.kind) {
      case 'text':
        return literalScript(node.text);
      case 'raw':
        return node.script;
      case 'class':
        return classScript(node.set);
      case 'sequence':
        return node.items.map((item) => this.write(item)).join('');
      case 'choice':
        return `(?:${node.branches.map((branch) => this.write(branch)).join('|')})`;
      case 'capture':
        this.numbers[node.index] = ++this.#captures;
        return `(${this.write(node.body)})`;
      case 'look':
        return `${node.opener}${this.write(node.body)})`;
      case 'atomic':
        return this.#atomic(() => this.write(node.body));
      case 'repeat':
        if (node.possessive) return this.#atomic(() => `${this.#unit(node.body)}${node.quantifier}`);
        return `${this.#unit(node.body)}${node.quantifier}`;
      case 'backreference':
        // A group that does not exist never has a match.
        if (node.index > this.#groups) return '(?!)';
        this.references.add(node.index);
        if (this.numbers[node.index] === 0) throw new UntranslatablePattern('a forward reference is not supported');
        return `(?:\\${this.numbers[node.index]})`;
    }
  }

  /** What a quantifier may follow. */
  #unit(node: RegexNode): string {
    return `(?:${this.write(node)})`;
  }

  /** JavaScript has no atomic groups, but what a look-ahead captured is never tried again. */
  #atomic(body: () => string): string {
    const number = ++this.#captures;
    return `(?:(?=(${body()}))\\${number})`;
  }
}

/** Groups which every match takes part in. */
function certainGroups(node: RegexNode): Set<number> {
  switch (node.kind) {
    case 'capture':
      return certainGroups(node.body).add(node.index);
    case 'sequence':
      return new Set(node.items.flatMap((item) => [...certainGroups(item)]));
    case 'atomic':
      return certainGroups(node.body);
    case 'repeat':
      return /^([*?]|\{0)/.test(node.quantifier) ? new Set() : certainGroups(node.body);
    default:
      return new Set();
  }
}

function allGroups(node: RegexNode): number[] {
  switch (node.kind) {
    case 'capture':
      return [node.index, ...allGroups(node.body)];
    case 'sequence':
      return node.items.flatMap(allGroups);
    case 'choice':
      return node.branches.flatMap(allGroups);
    case 'atomic':
    case 'look':
    case 'repeat':
      return allGroups(node.body);
    default:
      return [];
  }
}

/** Groups which a later round of a repetition may skip: JavaScript forgets them then, Java does not. */
function resetGroups(node: RegexNode): Set<number> {
  switch (node.kind) {
    case 'repeat': {
      const inner = resetGroups(node.body);
      if (/^(\?|\{[01]\}|\{0,1\})/.test(node.quantifier)) return inner;
      // Java also goes through an empty last round, JavaScript does not.
      const empty = matchesEmpty(node.body);
      if (empty && hasEmptyBranch(node.body)) {
        throw new UntranslatablePattern('a repetition of something empty is not supported');
      }
      const certain = certainGroups(node.body);
      for (const index of allGroups(node.body)) if (empty || !certain.has(index)) inner.add(index);
      return inner;
    }
    case 'sequence':
      return new Set(node.items.flatMap((item) => [...resetGroups(item)]));
    case 'choice':
      return new Set(node.branches.flatMap((branch) => [...resetGroups(branch)]));
    case 'capture':
    case 'atomic':
    case 'look':
      return resetGroups(node.body);
    default:
      return new Set();
  }
}

/** Whether something matches without taking a character. */
function matchesEmpty(node: RegexNode): boolean {
  switch (node.kind) {
    case 'text':
    case 'class':
      return false;
    case 'raw':
      return !/^\[/.test(node.script);
    case 'sequence':
      return node.items.every(matchesEmpty);
    case 'choice':
      return node.branches.some(matchesEmpty);
    case 'capture':
    case 'atomic':
      return matchesEmpty(node.body);
    case 'repeat':
      return /^([*?]|\{0)/.test(node.quantifier) || matchesEmpty(node.body);
    case 'look':
    case 'backreference':
      return true;
  }
}

/** Whether an alternative that may be empty comes before others. */
function hasEmptyBranch(node: RegexNode): boolean {
  switch (node.kind) {
    case 'choice':
      return node.branches.slice(0, -1).some(matchesEmpty) || node.branches.some(hasEmptyBranch);
    case 'sequence':
      return node.items.some(hasEmptyBranch);
    case 'capture':
    case 'atomic':
    case 'repeat':
      return hasEmptyBranch(node.body);
    default:
      return false;
  }
}
