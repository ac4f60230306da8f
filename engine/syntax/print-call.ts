import type { Call, Expression, FrameBound, JsonBehaviour, JsonClauses, WindowSpec } from './ast.ts';
import { binding } from './expression.ts';
import { printExpression, printExpressions, printOrderBy } from './print-expression.ts';
import { printIdentifier, printName } from './print-name.ts';
import { printType } from './print-type.ts';
import { callable } from './reserved.ts';

/** A call in the form that its function has: with keywords between its arguments where the grammar wants them. */
export function printCall(call: Call): string {
  const single = call.name.parts.length === 1 && !call.name.parts[0]!.quoted ? call.name.parts[0]!.name : undefined;
  const key = single?.toUpperCase();
  const name = key !== undefined && (isGrammar(key) || callable.has(key)) ? single! : printName(call.name);
  if (call.bare) return `${single ?? name}${printOver(call)}`;
  const inside = (key === undefined ? undefined : printInside(key, call.arguments, call.json)) ?? printPlain(call);
  const order = call.orderBy === undefined ? '' : ` ${printOrderBy(call.orderBy)}`;
  const onNull = call.json?.onNull === undefined ? '' : ` ${call.json.onNull} ON NULL`;
  const within = call.withinGroup === undefined ? '' : ` WITHIN GROUP (${printOrderBy(call.withinGroup)})`;
  const filter = call.filter === undefined ? '' : ` FILTER (WHERE ${printExpression(call.filter)})`;
  const nulls = call.nulls === undefined ? '' : ` ${call.nulls} NULLS`;
  return `${name}(${`${inside}${order}${onNull}`.trimStart()})${within}${filter}${nulls}${printOver(call)}`;
}

const grammar: ReadonlySet<string> = new Set([
  'EXTRACT',
  'TRIM',
  'SUBSTRING',
  'OVERLAY',
  'POSITION',
  'CEIL',
  'CONVERT',
  'TRANSLATE',
  'JSON_EXISTS',
  'JSON_VALUE',
  'JSON_QUERY',
  'JSON_OBJECT',
  'JSON_OBJECTAGG',
  'JSON_ARRAY',
  'JSON_ARRAYAGG',
]);

/** Reserved words that the grammar itself makes functions of. */
function isGrammar(key: string): boolean {
  return grammar.has(key);
}

function printPlain({ arguments: args, distinct }: Call): string {
  return `${distinct ? 'DISTINCT ' : ''}${printExpressions(args)}`;
}

/** What stands between the brackets of a call with keywords; undefined for the ordinary form. */
function printInside(key: string, args: readonly Expression[], json: JsonClauses | undefined): string | undefined {
  const at = (i: number) => printExpression(args[i]!);
  switch (key) {
    case 'EXTRACT':
      return `${at(0)} FROM ${at(1)}`;
    case 'TRIM':
      return args.length === 3 ? `${at(0)} ${at(1)} FROM ${at(2)}` : undefined;
    case 'OVERLAY':
      return `${at(0)} PLACING ${at(1)} FROM ${at(2)}${args.length > 3 ? ` FOR ${at(3)}` : ''}`;
    case 'POSITION': {
      const part = printExpression(args[0]!, binding.additive);
      return `${part} IN ${at(1)}${args.length > 2 ? ` FROM ${at(2)}` : ''}`;
    }
    case 'FLOOR':
    case 'CEIL':
    case 'CEILING':
      return args[1]?.kind === 'symbol' ? `${printBeforeTo(args[0]!)} TO ${at(1)}` : undefined;
    case 'JSON_OBJECT':
    case 'JSON_OBJECTAGG':
      return printPairs(args);
    case 'JSON_EXISTS':
    case 'JSON_VALUE':
    case 'JSON_QUERY':
      return `${at(0)}, ${at(1)}${printPathClauses(json ?? {})}`;
    default:
      return undefined;
  }
}

/** An interval before TO would swallow it. */
function printBeforeTo(value: Expression): string {
  const text = printExpression(value);
  return value.kind === 'reference' || value.kind === 'call' || value.kind === 'datetime' ? text : `(${text})`;
}

function printPairs(args: readonly Expression[]): string {
  const pairs: string[] = [];
  for (let i = 0; i + 1 < args.length; i += 2) {
    pairs.push(`KEY ${printExpression(args[i]!)} VALUE ${printExpression(args[i + 1]!)}`);
  }
  return pairs.join(', ');
}

function printPathClauses({ returning, wrapper, onEmpty, onError }: JsonClauses): string {
  return [
    returning === undefined ? '' : ` RETURNING ${printType(returning)}`,
    wrapper === undefined ? '' : ` ${wrapper === 'WITHOUT' ? 'WITHOUT' : `WITH ${wrapper}`} ARRAY WRAPPER`,
    onEmpty === undefined ? '' : ` ${printBehaviour(onEmpty)} ON EMPTY`,
    onError === undefined ? '' : ` ${printBehaviour(onError)} ON ERROR`,
  ].join('');
}

function printBehaviour(behaviour: JsonBehaviour): string {
  return typeof behaviour === 'string' ? behaviour : `DEFAULT ${printExpression(behaviour.default)}`;
}

function printOver({ over }: Call): string {
  if (over === undefined) return '';
  return ` OVER ${over.kind === 'identifier' ? printIdentifier(over) : printWindow(over)}`;
}

/** `(PARTITION BY … ORDER BY … ROWS …)`. */
export function printWindow({ base, partitionBy, orderBy, frame }: WindowSpec): string {
  const parts = [
    ...(base === undefined ? [] : [printIdentifier(base)]),
    ...(partitionBy.length === 0 ? [] : [`PARTITION BY ${printExpressions(partitionBy)}`]),
    ...(orderBy.length === 0 ? [] : [printOrderBy(orderBy)]),
    ...(frame === undefined ? [] : [printFrame(frame)]),
  ];
  return `(${parts.join(' ')})`;
}

function printFrame({ unit, start, end }: NonNullable<WindowSpec['frame']>): string {
  if (end === undefined) return `${unit} ${printBound(start)}`;
  return `${unit} BETWEEN ${printBound(start)} AND ${printBound(end)}`;
}

function printBound({ kind, offset }: FrameBound): string {
  return offset === undefined ? kind : `${printExpression(offset, binding.additive)} ${kind}`;
}
