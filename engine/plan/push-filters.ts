import type { ScanFilter } from '../connector/scan-filter.ts';
import type { DataType } from '../types/data-type.ts';
import type { CallExpr, Expr } from './expr.ts';
import { conjuncts } from './join-condition.ts';
import { mapInputs, type Plan, type Scan } from './plan.ts';

type Operator = Extract<ScanFilter, { kind: 'compare' }>['operator'];

/** Each comparison and the same one with its sides exchanged. */
const mirrored: Readonly<Record<Operator, Operator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

const integers = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT'];

/**
 * The plan with its scans told which rows the filters right above them let pass, as far as their connectors take that.
 * The filters stay: what a source leaves out is work saved, never an answer changed.
 */
export function pushFilters(plan: Plan): Plan {
  if (plan.kind !== 'filter' || plan.input.kind !== 'scan') return mapInputs(plan, pushFilters);
  const scan = plan.input;
  const filters = conjuncts(plan.condition).flatMap((part) => {
    const filter = filterOf(part, scan);
    return filter !== undefined && scan.connector.takesFilter(filter) ? [filter] : [];
  });
  return filters.length === 0 ? plan : { ...plan, input: { ...scan, filters } };
}

/** A condition over a scan as a filter of it; undefined where it is anything else. */
function filterOf(expr: Expr, scan: Scan): ScanFilter | undefined {
  switch (expr.kind) {
    case 'and':
    case 'or': {
      const operands = expr.operands.map((operand) => filterOf(operand, scan));
      const known = operands.filter((operand) => operand !== undefined);
      return known.length === operands.length ? { kind: expr.kind, operands: known } : undefined;
    }
    case 'is-null': {
      const column = columnOf(expr.operand, scan);
      return column === undefined ? undefined : { kind: 'is-null', column, negated: expr.negated };
    }
    case 'call':
      return comparisonOf(expr, scan);
    default:
      return undefined;
  }
}

function comparisonOf({ name, arguments: [left, right] }: CallExpr, scan: Scan): ScanFilter | undefined {
  if (!Object.hasOwn(mirrored, name) || left === undefined || right === undefined) return undefined;
  const operator = name as Operator;
  if (left.kind === 'literal') return compare(right, mirrored[operator], left, scan);
  return compare(left, operator, right, scan);
}

function compare(left: Expr, operator: Operator, right: Expr, scan: Scan): ScanFilter | undefined {
  if (right.kind !== 'literal' || right.value === null || right.keyword !== undefined) return undefined;
  const column = columnOf(left, scan);
  return column === undefined ? undefined : { kind: 'compare', column, operator, value: right.value, type: right.type };
}

/** The table's column that an expression is, whatever wider number it is made for a comparison. */
function columnOf(expr: Expr, scan: Scan): number | undefined {
  if (expr.kind === 'column') return scan.columns[expr.index];
  return expr.kind === 'cast' && keepsNumber(expr.input.type, expr.type) ? columnOf(expr.input, scan) : undefined;
}

/** Whether all values of an exact number type are the same ones in another. */
function keepsNumber(from: DataType, to: DataType): boolean {
  const at = integers.indexOf(from.kind);
  if (at >= 0 && integers.includes(to.kind)) return integers.indexOf(to.kind) >= at;
  if (to.kind !== 'DECIMAL') return false;
  if (at >= 0) return to.precision - to.scale >= [3, 5, 10, 19][at]!;
  return from.kind === 'DECIMAL' && to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
}
