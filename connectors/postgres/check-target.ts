import { suggest } from '../../engine/diagnostics/suggest.ts';
import { type Field, typeText } from '../../engine/types/data-type.ts';
import type { Target, TargetColumn } from './catalog.ts';
import { type ColumnFit, type FitSettings, fitColumn, keepsOrder } from './column-type.ts';
import { addColumnStatement, changeTypeStatement, type TableColumns } from './ddl.ts';
import { quoteName } from './quote.ts';
import { quoteTable, tableText } from './table-name.ts';

/** Something that keeps rows out of a table, with the statement or edit that helps. */
export interface TargetProblem {
  readonly message: string;
  readonly fix: string;
}

/** A column of the job with the column it goes to. */
export interface FittedColumn {
  readonly field: Field;
  readonly target: TargetColumn;
  readonly fit: ColumnFit;
}

export interface TargetCheck {
  readonly columns: readonly FittedColumn[];
  readonly problems: readonly TargetProblem[];
  /** What values lose in their columns. */
  readonly warnings: readonly string[];
}

export interface CheckSettings extends FitSettings {
  /** Name of the column that tells newer rows from older ones. */
  readonly newest?: string | undefined;
}

/** Compares a table with the columns that a job writes. The columns are complete where there are no problems. */
export function checkTarget(target: Target, wanted: TableColumns, settings: CheckSettings): TargetCheck {
  const problems: TargetProblem[] = [];
  const warnings: string[] = [];
  const table = tableText(target.name);
  const upsert = wanted.primaryKey.length > 0;
  const kind = kindProblem(target, upsert);
  if (kind !== undefined) problems.push(kind);

  const columns: FittedColumn[] = [];
  for (const field of wanted.fields) {
    const column = target.columns.find((c) => c.name === field.name);
    const fit = column === undefined ? undefined : fitColumn(field.type, column.type, settings);
    if (column === undefined) problems.push(missingColumn(target, field, wanted));
    else if (column.generated) {
      problems.push({
        message: `column '${field.name}' of ${table} computes its own value and takes no other`,
        fix: `leave '${field.name}' out of the job's table`,
      });
    } else if (fit === undefined) problems.push(wrongType(target, field, column));
    else {
      columns.push({ field, target: column, fit });
      if (field.name === settings.newest && !keepsOrder(fit, column.type, settings))
        problems.push(noAge(target, field, column));
      if (fit.loss !== undefined) warnings.push(`column '${field.name}' of ${table}: ${fit.loss}`);
    }
  }
  for (const column of target.columns) {
    if (!column.notNull || column.hasDefault || column.generated) continue;
    if (wanted.fields.some((f) => f.name === column.name)) continue;
    problems.push({
      message: `column '${column.name}' of ${table} is NOT NULL without a default, and the job never sets it`,
      fix: `add '${column.name}' to the job's table, or ALTER TABLE ${quoteTable(target.name)} ALTER COLUMN ${quoteName(column.name)} DROP NOT NULL`,
    });
  }
  problems.push(...keyProblems(target, wanted), ...privilegeProblems(target, columns, wanted));
  return { columns, problems, warnings };
}

function kindProblem(target: Target, upsert: boolean): TargetProblem | undefined {
  const table = tableText(target.name);
  if (target.kind === 'm') return { message: `${table} is a materialized view`, fix: "name a table in 'table-name'" };
  if (target.kind === 'v' && !target.insertable) {
    return { message: `${table} is a view that takes no rows`, fix: "name the table behind it in 'table-name'" };
  }
  if (target.kind === 'f' && upsert) {
    return {
      message: `${table} is a foreign table, where rows cannot be replaced by key`,
      fix: "name the table itself in 'table-name', or remove PRIMARY KEY from the job's table",
    };
  }
  return undefined;
}

function missingColumn(target: Target, field: Field, wanted: TableColumns): TargetProblem {
  const free = target.columns.map((c) => c.name).filter((name) => !wanted.fields.some((f) => f.name === name));
  const near = suggest(field.name, free);
  const add = addColumnStatement(target.name, field);
  return {
    message: `${tableText(target.name)} has no column '${field.name}'`,
    fix: near === undefined ? add : `write '${near}', which it has, or ${add}`,
  };
}

function wrongType(target: Target, field: Field, column: TargetColumn): TargetProblem {
  const found = column.type.text;
  return {
    message: `column '${field.name}' of ${tableText(target.name)} is ${found}, which does not hold ${typeText(field.type, false)}`,
    fix: `${changeTypeStatement(target.name, field)}, or declare and CAST it in the job to a type that ${found} holds`,
  };
}

function noAge(target: Target, field: Field, column: TargetColumn): TargetProblem {
  return {
    message: `column '${field.name}' of ${tableText(target.name)} is ${column.type.text}, where values of ${typeText(field.type, false)} do not keep their order: 'newer-than' cannot compare them there`,
    fix: changeTypeStatement(target.name, field),
  };
}

function keyProblems(target: Target, { primaryKey }: TableColumns): TargetProblem[] {
  // The indexes behind a view are not its own: whether its key is one shows with the first row.
  if (primaryKey.length === 0 || target.kind === 'v' || target.kind === 'f') return [];
  const same = (key: readonly string[]) => key.length === primaryKey.length && primaryKey.every((k) => key.includes(k));
  if (target.uniqueKeys.some(same)) return [];
  if (primaryKey.some((k) => !target.columns.some((c) => c.name === k))) return [];
  const columns = primaryKey.map(quoteName).join(', ');
  const others = target.uniqueKeys.map((key) => `(${key.join(', ')})`).join(', ');
  return [
    {
      message: `${tableText(target.name)} has no unique constraint on exactly (${primaryKey.join(', ')}), the job's PRIMARY KEY${others === '' ? '' : `; it has ${others}`}`,
      fix: `ALTER TABLE ${quoteTable(target.name)} ADD UNIQUE (${columns})`,
    },
  ];
}

function privilegeProblems(target: Target, columns: readonly FittedColumn[], wanted: TableColumns): TargetProblem[] {
  const table = quoteTable(target.name);
  if (!target.maySeeSchema) {
    return [
      {
        message: `user '${target.user}' has no USAGE on schema '${target.name.schema}'`,
        fix: `GRANT USAGE ON SCHEMA ${quoteName(target.name.schema)} TO ${quoteName(target.user)}`,
      },
    ];
  }
  const upsert = wanted.primaryKey.length > 0;
  const isKey = (name: string) => wanted.primaryKey.includes(name);
  const missing: string[] = [];
  if (columns.some((c) => !c.target.may.insert)) missing.push('INSERT');
  if (upsert && columns.some((c) => !c.target.may.update && !isKey(c.field.name))) missing.push('UPDATE');
  if (upsert && columns.some((c) => !c.target.may.select)) missing.push('SELECT');
  if (missing.length === 0) return [];
  const privileges = missing.join(', ');
  return [
    {
      message: `user '${target.user}' has no ${privileges} on ${tableText(target.name)}`,
      fix: `GRANT ${privileges} ON ${table} TO ${quoteName(target.user)}`,
    },
  ];
}
