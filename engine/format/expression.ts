import type { Binary, BinaryOperator, Case, Expression, Query, WindowSpec } from '../syntax/ast.ts';
import { concat, type Doc, group, indent, line } from './doc.ts';
import { layoutQuery } from './query.ts';
import { isPlace, type Place } from './spelling.ts';
import { enclose, type Part, row, type Source, type Unit, unitsOf } from './unit.ts';

/** Nodes with a layout of their own; all others are their words side by side. */
type Laid = Binary | Case | Query | WindowSpec;

/** The nearest nodes below that have a layout of their own. */
export function partsOf(source: Source, node: unknown): Part[] {
  if (Array.isArray(node)) return node.flatMap((each) => partsOf(source, each));
  if (typeof node !== 'object' || node === null) return [];
  return Object.values(node).flatMap((child) => {
    if (isPlace(child) && isLaid(child)) return [partOf(source, child)];
    return partsOf(source, child);
  });
}

function isLaid(node: Place): node is Laid & Place {
  return node.kind === 'binary' || node.kind === 'case' || node.kind === 'query' || node.kind === 'window';
}

function partOf(source: Source, node: Laid): Part {
  return { span: node.span, layout: () => layoutPart(source, node) };
}

function layoutPart(source: Source, node: Laid): Doc {
  switch (node.kind) {
    case 'binary':
      return layoutBinary(source, node);
    case 'case':
      return layoutCase(source, node);
    case 'query':
      return layoutQuery(source, node);
    case 'window':
      return within(source, unitsOf(source, node.span, partsOf(source, node)), (units) =>
        group([row(source, units, ({ key }) => (/^(ORDER|ROWS|RANGE)$/.test(key) ? line : undefined))]),
      );
  }
}

/** Lays out what is inside the brackets that enclose all of the units. */
export function within(source: Source, units: readonly Unit[], arrange: (units: readonly Unit[]) => Doc): Doc {
  const [only] = units;
  if (units.length !== 1 || only?.inside === undefined) return arrange(units);
  return enclose(source, only.first, within(source, only.inside, arrange), only.last);
}

const levels: readonly (readonly BinaryOperator[])[] = [['OR'], ['AND'], ['+', '-'], ['*', '/', '%'], ['||']];

/** A chain of operators of one strength: all on one line, or each operand with the operator before it on its own. */
function layoutBinary(source: Source, node: Binary): Doc {
  const level = levels.find((operators) => operators.includes(node.operator)) ?? [];
  const operators = new Set<number>();
  const leaves: Expression[] = [];
  const collect = (operand: Expression, root: boolean): void => {
    const chained = operand.kind === 'binary' && level.includes(operand.operator) && operand.interval === undefined;
    if (!root && (!chained || isBracketed(source, operand))) leaves.push(operand);
    else if (operand.kind === 'binary') {
      collect(operand.left, false);
      operators.add(operand.operatorSpan.start);
      collect(operand.right, false);
    }
  };
  collect(node, true);
  const parts = leaves.flatMap((leaf) => (isLaid(leaf) ? [partOf(source, leaf)] : partsOf(source, leaf)));
  const all = unitsOf(source, node.span, parts);
  return within(source, all, (units) => {
    const breaks = units.flatMap(({ first }, i) =>
      i > 0 && level.length > 0 && operators.has(first.start) ? [i] : [],
    );
    const head = row(source, units.slice(0, breaks[0]));
    const rest = breaks.flatMap((from, i) => [line, row(source, units.slice(from, breaks[i + 1]))]);
    // Brackets around the whole already set it off.
    return group([head, units === all ? indent(rest) : concat(rest)]);
  });
}

function isBracketed({ words, indexAt }: Source, { span }: Expression): boolean {
  return words[indexAt(span.start)]!.key === '(';
}

function layoutCase(source: Source, node: Case): Doc {
  return within(source, unitsOf(source, node.span, partsOf(source, node)), (units) => {
    const branches = units.filter(({ key }) => key === 'WHEN' || key === 'ELSE');
    const end = units.at(-1)!;
    const from = units.indexOf(branches[0]!);
    const head = row(source, units.slice(0, from));
    const lines = branches.map((branch, i) => {
      const stop = branches[i + 1] ?? end;
      return concat([line, row(source, units.slice(units.indexOf(branch), units.indexOf(stop)))]);
    });
    const broken = branches.some(({ first }) => first.newLine) || branches.length > 2;
    return group([head, indent(lines), line, end.doc], broken);
  });
}
