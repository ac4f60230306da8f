import type { ScanFilter } from '../../engine/connector/scan-filter.ts';
import type { DataType, Field } from '../../engine/types/data-type.ts';
import { scalarText } from './literal.ts';
import { quoteName, quoteText } from './quote.ts';

const LONGEST = 2147483647;
const integers = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT'];

/** What a text in PostgreSQL cannot hold: NUL, and halves of characters. */
const UNKNOWN_TO_POSTGRES = /[\0\ud800-\udfff]/u;

/**
 * Whether PostgreSQL understands a filter of a scan as the job does. The order of strings is its collation's, so they are
 * only compared for equality; of floating-point numbers NaN is something else there; instants depend on nothing, but their
 * text does.
 */
export function takesFilter(filter: ScanFilter, columns: readonly Field[]): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.operands.every((operand) => takesFilter(operand, columns));
    case 'is-null':
      return true;
    case 'compare': {
      const { type: t } = columns[filter.column]!;
      if (valueText(filter) === undefined) return false;
      if (t.kind === 'VARCHAR') return t.length === LONGEST && (filter.operator === '=' || filter.operator === '<>');
      return integers.includes(t.kind) || t.kind === 'DECIMAL' || t.kind === 'DATE' || t.kind === 'TIMESTAMP';
    }
  }
}

/** A filter that is taken, as a condition over the alias `t`. */
export function filterText(filter: ScanFilter, columns: readonly Field[]): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.operands.map((operand) => filterText(operand, columns)).join(` ${filter.kind.toUpperCase()} `)})`;
    case 'is-null':
      return `t.${quoteName(columns[filter.column]!.name)} IS ${filter.negated ? 'NOT ' : ''}NULL`;
    case 'compare': {
      const { name, type: t } = columns[filter.column]!;
      // A collation may take different texts for equal: none of them may be left out.
      const collation = t.kind === 'VARCHAR' && filter.operator === '<>' ? ' COLLATE "C"' : '';
      return `t.${quoteName(name)}${collation} ${filter.operator} ${valueText(filter)}`;
    }
  }
}

/**
 * Whether a column of PostgreSQL, by its type as `format_type` writes it, holds what is read of it: where reading would
 * round or cut a value, the filter is about another one.
 */
export function holdsExactly(t: DataType, column: string): boolean {
  switch (t.kind) {
    case 'VARCHAR':
      return column === 'text' || column.startsWith('character varying');
    case 'DECIMAL': {
      const scale = /^numeric\(\d+,(\d+)\)$/.exec(column)?.[1];
      return isInteger(column) || (scale !== undefined && Number(scale) <= t.scale);
    }
    case 'DATE':
      return column === 'date';
    case 'TIMESTAMP': {
      const digits = /^timestamp(?:\((\d)\))? without time zone$/.exec(column);
      return digits !== null && Number(digits[1] ?? 6) <= t.precision;
    }
    default:
      return integers.includes(t.kind) && isInteger(column);
  }
}

/** The columns that a filter compares. */
export function comparedColumns(filter: ScanFilter): readonly number[] {
  if (filter.kind === 'is-null') return [];
  return filter.kind === 'compare' ? [filter.column] : filter.operands.flatMap(comparedColumns);
}

function isInteger(column: string): boolean {
  return column === 'smallint' || column === 'integer' || column === 'bigint';
}

/** The value as a literal of SQL; undefined where PostgreSQL has none for it. */
function valueText({ value, type: t }: Extract<ScanFilter, { kind: 'compare' }>): string | undefined {
  switch (t.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'DECIMAL':
      return `(${scalarText(t)(value as never)})`;
    case 'CHAR':
    case 'VARCHAR':
      return UNKNOWN_TO_POSTGRES.test(value as string) ? undefined : quoteText(value as string);
    case 'DATE':
    case 'TIMESTAMP': {
      const text = scalarText(t)(value as never);
      return text && `${t.kind === 'DATE' ? 'DATE' : 'TIMESTAMP'} ${quoteText(text)}`;
    }
    default:
      return undefined;
  }
}
