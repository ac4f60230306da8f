import type { Expression, OrderItem, TableArgument } from './ast.ts';
import { binaryBinding, binding } from './expression.ts';
import { printCall } from './print-call.ts';
import { printIdentifier, printIdentifiers, printName, printString, printText } from './print-name.ts';
import { printQuery } from './print-query.ts';
import { printQualifier, printType } from './print-type.ts';

const ATOM = 10;

/** An expression, in brackets where it binds looser than `least`. */
export function printExpression(expression: Expression, least = 0): string {
  const text = printBare(expression);
  return bindingOf(expression) < least ? `(${text})` : text;
}

/** `a, b, c`. */
export function printExpressions(list: readonly Expression[]): string {
  return list.map((item) => printExpression(item)).join(', ');
}

function bindingOf(expression: Expression): number {
  switch (expression.kind) {
    case 'binary':
      return expression.interval === undefined ? binaryBinding[expression.operator] : ATOM;
    case 'unary':
      return expression.operator === 'NOT' ? binding.not : binding.sign;
    case 'is':
      return binding.is;
    case 'is-distinct':
    case 'overlaps':
      return binding.comparison;
    case 'between':
    case 'in':
    case 'like':
      return binding.range;
    default:
      return ATOM;
  }
}

function printBare(e: Expression): string {
  switch (e.kind) {
    case 'number':
      return e.text;
    case 'text':
      return printText(e);
    case 'binary-literal':
      return `X'${e.hex}'`;
    case 'boolean':
      return e.value ? 'TRUE' : 'FALSE';
    case 'null':
      return 'NULL';
    case 'datetime':
      return `${e.type} ${printString(e.value)}`;
    case 'interval':
      return `INTERVAL ${e.negative ? '-' : ''}${printString(e.value)} ${printQualifier(e.qualifier)}`;
    case 'reference':
      return [...e.parts.map(printIdentifier), ...(e.star ? ['*'] : [])].join('.');
    case 'unary':
      return printUnary(e.operator, e.operand);
    case 'binary': {
      const strength = binaryBinding[e.operator];
      const text = `${printExpression(e.left, strength)} ${e.operator} ${printExpression(e.right, strength + 1)}`;
      return e.interval === undefined ? text : `(${text}) ${printQualifier(e.interval)}`;
    }
    case 'is':
      return `${printExpression(e.operand, binding.is)} IS ${not(e.negated)}${e.test}`;
    case 'is-distinct':
      return `${printExpression(e.left, binding.comparison)} IS ${not(e.negated)}DISTINCT FROM ${printExpression(e.right, binding.range)}`;
    case 'between': {
      const bounds = `${printExpression(e.low, binding.additive)} AND ${printExpression(e.high, binding.additive)}`;
      return `${printExpression(e.operand, binding.additive)} ${not(e.negated)}BETWEEN ${e.symmetric ? 'SYMMETRIC ' : ''}${bounds}`;
    }
    case 'in': {
      const list = 'kind' in e.list ? printQuery(e.list) : printExpressions(e.list);
      return `${printExpression(e.operand, binding.additive)} ${not(e.negated)}IN (${list})`;
    }
    case 'quantified': {
      const list = 'kind' in e.list ? printQuery(e.list) : printExpressions(e.list);
      return `${printExpression(e.operand, binding.comparison)} ${e.operator} ${e.quantifier} (${list})`;
    }
    case 'like': {
      const escaped = e.escape === undefined ? '' : ` ESCAPE ${printExpression(e.escape, binding.additive)}`;
      const operator = e.similar ? 'SIMILAR TO' : 'LIKE';
      return `${printExpression(e.operand, binding.additive)} ${not(e.negated)}${operator} ${printExpression(e.pattern, binding.additive)}${escaped}`;
    }
    case 'exists':
      return `EXISTS (${printQuery(e.query)})`;
    case 'subquery':
      return `(${printQuery(e.query)})`;
    case 'overlaps':
      return `(${printExpressions(e.left)}) OVERLAPS (${printExpressions(e.right)})`;
    case 'case': {
      const operand = e.operand === undefined ? '' : ` ${printExpression(e.operand)}`;
      const whens = e.whens.map(
        ({ when, result }) => ` WHEN ${printExpressions(when)} THEN ${printExpression(result)}`,
      );
      const otherwise = e.otherwise === undefined ? '' : ` ELSE ${printExpression(e.otherwise)}`;
      return `CASE${operand}${whens.join('')}${otherwise} END`;
    }
    case 'cast':
      return `${e.try ? 'TRY_CAST' : 'CAST'}(${printExpression(e.operand)} AS ${printType(e.type)})`;
    case 'call':
      return printCall(e);
    case 'symbol':
      return e.name;
    case 'named-argument':
      return `${printIdentifier(e.name)} => ${printExpression(e.value)}`;
    case 'table-argument':
      return printTableArgument(e);
    case 'descriptor':
      return `DESCRIPTOR${printIdentifiers(e.columns)}`;
    case 'row':
      return `${e.explicit ? 'ROW' : ''}(${printExpressions(e.items)})`;
    case 'array':
    case 'map':
      return `${e.kind.toUpperCase()}[${printExpressions(e.items)}]`;
    case 'item':
      return `${printHolder(e.operand, false)}[${printExpression(e.index)}]`;
    case 'field':
      return `${printHolder(e.operand, true)}.${printIdentifier(e.name)}`;
  }
}

function not(negated: boolean): string {
  return negated ? 'NOT ' : '';
}

/** Two signs in a row would begin a comment. */
function printUnary(operator: '+' | '-' | 'NOT', operand: Expression): string {
  if (operator === 'NOT') return `NOT ${printExpression(operand, binding.not)}`;
  const text = printExpression(operand, binding.sign);
  return /^[+-]/.test(text) ? `${operator} ${text}` : `${operator}${text}`;
}

/** What stands before `[index]` or `.field`. */
function printHolder(operand: Expression, beforeField: boolean): string {
  const text = printBare(operand);
  switch (operand.kind) {
    case 'item':
    case 'field':
    case 'array':
    case 'map':
    case 'row':
    case 'cast':
    case 'subquery':
      return text;
    case 'reference':
      return beforeField ? `(${text})` : text;
    case 'call':
      return text.endsWith(')') && operand.over === undefined && operand.filter === undefined ? text : `(${text})`;
    default:
      return `(${text})`;
  }
}

function printTableArgument(e: Extract<TableArgument, { kind: 'table-argument' }>): string {
  const table = e.table.kind === 'name' ? printName(e.table) : `(${printQuery(e.table)})`;
  const partition = e.partitionBy === undefined ? '' : ` PARTITION BY (${printExpressions(e.partitionBy)})`;
  const order = e.orderBy === undefined ? '' : ` ORDER BY (${e.orderBy.map(printOrderItem).join(', ')})`;
  return `TABLE ${table}${partition}${order}`;
}

/** `ORDER BY a, b DESC`. */
export function printOrderBy(items: readonly OrderItem[]): string {
  return `ORDER BY ${items.map(printOrderItem).join(', ')}`;
}

function printOrderItem({ expression, descending, nulls }: OrderItem): string {
  return `${printExpression(expression)}${descending ? ' DESC' : ''}${nulls === undefined ? '' : ` NULLS ${nulls}`}`;
}
