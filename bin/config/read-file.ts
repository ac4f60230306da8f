import path from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { type Diagnostic, suggest } from '../../engine/index.ts';
import { expand } from './expand.ts';
import { configurationSchema } from './schema.ts';
import { isTree } from './tree.ts';

type Path = readonly string[];

/** A configuration file after reading: its content as `schema.ts` describes it, or what is wrong with it. */
export interface ReadConfiguration {
  readonly content: Readonly<Record<string, unknown>>;
  readonly diagnostics: readonly Diagnostic[];
  /** Values that came from files: never to be shown. */
  readonly secrets: readonly string[];
  /** The line of a value, from 1; undefined where the file does not have it. */
  lineOf(path: Path): number | undefined;
  /** The place of a value in the text; undefined where the file does not have it. */
  spanOf(path: Path): { readonly start: number; readonly end: number } | undefined;
}

/**
 * Reads the text of a configuration file: YAML whose scalars are texts, variables and file references filled in,
 * checked against the schema. Reports everything that is wrong at once, each at its place.
 */
export function readConfiguration(file: string, text: string, environment: NodeJS.ProcessEnv): ReadConfiguration {
  // All scalars are texts at first: '1.10' is a version and 'no' a name; the schema turns them into numbers.
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: false });
  const diagnostics: Diagnostic[] = document.errors.map((error) => ({
    code: 'config-syntax',
    severity: 'error',
    message: `this is not YAML: ${lowerFirst(error.message)}`,
    span: { start: error.pos[0], end: Math.max(error.pos[1], error.pos[0] + 1) },
  }));
  const lineOf = (at: Path) => {
    const found = nodeAt(document, at)?.key;
    return found?.range == null ? undefined : text.slice(0, found.range[0]).split('\n').length;
  };
  const places = {
    lineOf,
    spanOf: (at: Path) => {
      const node = nodeAt(document, at);
      return node === undefined ? undefined : spanOf(node.value);
    },
  };
  if (diagnostics.length > 0) return { content: {}, diagnostics, secrets: [], ...places };

  const secrets: string[] = [];
  const fill = (node: unknown): unknown => {
    if (isMap(node)) {
      return Object.fromEntries(node.items.map((p) => [String(isScalar(p.key) ? p.key.value : p.key), fill(p.value)]));
    }
    if (isSeq(node)) return node.items.map(fill);
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target !== undefined) return fill(target);
      diagnostics.push({
        code: 'config-syntax',
        severity: 'error',
        message: `nothing before this is named '&${node.source}'`,
        span: spanOf(node),
      });
      return undefined;
    }
    if (!isScalar(node) || node.value === null) return isScalar(node) || node === null ? '' : undefined;
    const filled = expand(String(node.value), path.dirname(file), environment);
    if (filled.secret && filled.text !== '') secrets.push(filled.text);
    if (filled.problem !== undefined) {
      diagnostics.push({
        code: 'config-value',
        severity: 'error',
        message: filled.problem,
        span: spanOf(node),
        ...(filled.help === undefined ? {} : { help: filled.help }),
      });
    }
    return filled.text;
  };
  const filled = document.contents === null ? {} : fill(document.contents);
  const content = filled === '' ? {} : filled;
  const validate = validator();
  if (!validate(content)) {
    for (const error of validate.errors ?? []) diagnostics.push(describe(error, document));
  }
  return { content: content as Record<string, unknown>, diagnostics, secrets, ...places };
}

let compiled: ValidateFunction | undefined;

/** The schema as a function, compiled once. */
function validator(): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, coerceTypes: true, verbose: true });
  ajv.addVocabulary(['x-expected', 'x-secret']);
  compiled ??= ajv.compile(configurationSchema);
  return compiled;
}

function describe(error: ErrorObject, document: Document): Diagnostic {
  const at = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const name = at.join('.');
  const where = name === '' ? 'the configuration' : `'${name}'`;
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params.additionalProperty);
    const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
    const near = suggest(key, known);
    const span = spanOf(nodeAt(document, [...at, key])?.key);
    return {
      code: 'config-key',
      severity: 'error',
      message: `${where} has no key '${key}'`,
      span,
      help: near === undefined ? `its keys are ${known.map((k) => `'${k}'`).join(', ')}` : `did you mean '${near}'?`,
      ...(near === undefined ? {} : { fix: { span, text: near } }),
    };
  }
  const found = nodeAt(document, at);
  if (error.keyword === 'required') {
    return {
      code: 'config-key',
      severity: 'error',
      message: `${where} lacks the key '${String(error.params.missingProperty)}'`,
      span: spanOf(found?.key ?? found?.value),
    };
  }
  const value = Array.isArray(error.data) ? 'a list' : isTree(error.data) ? 'a map' : `'${String(error.data)}'`;
  const allowed = (error.params as { allowedValues?: readonly string[] }).allowedValues;
  const near = allowed === undefined || typeof error.data !== 'string' ? undefined : suggest(error.data, allowed);
  const secret = (error.parentSchema as { 'x-secret'?: true } | undefined)?.['x-secret'] === true;
  const span = spanOf(found?.value);
  return {
    code: 'config-value',
    severity: 'error',
    message: `${where}: expected ${expected(error)}, found ${secret ? '***' : value}`,
    span,
    ...(near === undefined ? {} : { help: `did you mean '${near}'?`, fix: { span, text: near } }),
  };
}

function expected(error: ErrorObject): string {
  const schema = error.parentSchema as { 'x-expected'?: string; minimum?: number; maximum?: number } | undefined;
  if (schema?.['x-expected'] !== undefined) return schema['x-expected'];
  switch (error.keyword) {
    case 'enum':
      return `one of ${(error.params.allowedValues as string[]).map((v) => `'${v}'`).join(', ')}`;
    case 'minimum':
    case 'maximum':
      return schema?.maximum === undefined
        ? `a number of at least ${schema?.minimum}`
        : `a number from ${schema.minimum} to ${schema.maximum}`;
    case 'minItems':
      return 'at least one entry';
    case 'type':
      return { object: 'a map', array: 'a list', integer: 'a whole number', string: 'a text' }[
        String(error.params.type)
      ]!;
    default:
      return error.message ?? error.keyword;
  }
}

/** The key and the value at a path of keys and indexes. */
function nodeAt(document: Document, at: Path): { key: Node | undefined; value: Node | undefined } | undefined {
  let key: Node | undefined;
  let value = document.contents as Node | undefined;
  for (const part of at) {
    if (isMap(value)) {
      const pair = value.items.find((p) => isScalar(p.key) && String(p.key.value) === part);
      if (pair === undefined) return undefined;
      key = pair.key as Node;
      value = (pair.value ?? undefined) as Node | undefined;
    } else if (isSeq(value)) {
      value = value.items[Number(part)] as Node | undefined;
      key = value;
    } else return undefined;
  }
  return { key, value: value ?? key };
}

function spanOf(node: unknown): { start: number; end: number } {
  const range = (node as { range?: readonly number[] | null } | undefined)?.range;
  if (range == null) return { start: 0, end: 1 };
  return { start: range[0]!, end: Math.max(range[1]!, range[0]! + 1) };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
