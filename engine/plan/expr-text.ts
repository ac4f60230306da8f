import type { DataType, Scalar } from '../types/data-type.ts';
import { typeText } from '../types/data-type.ts';
import { textOf } from '../types/text.ts';
import type { CallExpr, CaseExpr, Expr } from './expr.ts';

/** The expression as EXPLAIN prints it, near to SQL: `((price * 2) > 10)`. */
export function exprText(expr: Expr): string {
  switch (expr.kind) {
    case 'literal':
      return expr.keyword ?? literalText(expr.type, expr.value);
    case 'column':
    case 'outer':
      return expr.name;
    case 'call':
      return callText(expr);
    case 'cast':
      return `${expr.try ? 'TRY_CAST' : 'CAST'}(${exprText(expr.input)} AS ${typeText(expr.type, false)})`;
    case 'and':
    case 'or':
      return `(${expr.operands.map(exprText).join(` ${expr.kind.toUpperCase()} `)})`;
    case 'not':
      return `NOT ${exprText(expr.operand)}`;
    case 'is-null':
      return `${exprText(expr.operand)} IS ${expr.negated ? 'NOT ' : ''}NULL`;
    case 'case':
      return caseText(expr);
    case 'field':
      return `${exprText(expr.input)}.${fieldName(expr.input.type, expr.index)}`;
  }
}

function callText(expr: CallExpr): string {
  const args = expr.arguments.map(exprText);
  if (/^UNARY /.test(expr.name)) return `${expr.name.slice(6)}${args[0]}`;
  if (/^IS (TRUE|FALSE|UNKNOWN|JSON)/.test(expr.name)) return `${args[0]} ${expr.name}`;
  if (expr.name === 'IN') return `${args[0]} IN (${expr.clauses})`;
  if (expr.name === 'ITEM') return `${args[0]}[${args[1]}]`;
  if (expr.name === 'ARRAY' || expr.name === 'MAP') return `${expr.name}[${args.join(', ')}]`;
  const infix = /^[^A-Z]+$/.test(expr.name) || /^(LIKE|SIMILAR TO|IS DISTINCT FROM)$/.test(expr.name);
  if (infix && args.length === 2) return `(${args[0]} ${expr.name} ${args[1]})`;
  return `${expr.name}(${args.join(', ')})`;
}

function caseText({ branches, otherwise }: CaseExpr): string {
  const whens = branches.map(({ when, result }) => `WHEN ${exprText(when)} THEN ${exprText(result)}`);
  return `CASE ${whens.join(' ')} ELSE ${exprText(otherwise)} END`;
}

function fieldName(t: DataType, index: number): string {
  return t.kind === 'ROW' ? (t.fields[index]?.name ?? String(index)) : String(index);
}

/** A value as a literal of its type: strings quoted, `NULL` for null. */
export function literalText(t: DataType, value: Scalar): string {
  const text = textOf(t, value);
  if (text === null) return 'NULL';
  switch (t.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return `'${text.replaceAll("'", "''")}'`;
    case 'BINARY':
    case 'VARBINARY':
      return `X'${Buffer.from(value as Uint8Array).toString('hex')}'`;
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return `${t.kind} '${text}'`;
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return `INTERVAL '${text}'`;
    default:
      return text;
  }
}
