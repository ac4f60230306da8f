import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import { numberNames } from '../plan/join-plans.ts';
import type { Plan } from '../plan/plan.ts';
import type { DataType } from '../types/data-type.ts';

/** A column as far as it is known: without a type where a mistake in it was reported already. */
export interface RelationField {
  readonly name: string;
  readonly type: DataType | undefined;
  readonly comment?: string;
}

/** A column that an item names like another column: `SELECT a b FROM t`, where a comma may be missing. */
export interface Swallowed {
  readonly name: string;
  /** What the item is named, and where. */
  readonly as: string;
  readonly span: Span;
  /** Where the column ends: a comma goes there. */
  readonly end: number;
}

/** What to say where a column is missing that such an item may hold. */
export function missingComma({ span, end }: Swallowed): Pick<Diagnostic, 'span' | 'label' | 'fix'> {
  return { span, label: 'a comma may be missing before this', fix: { span: { start: end, end }, text: ',' } };
}

/** The result of analyzing a query. Without a plan where something in it was reported. */
export interface Relation {
  readonly fields: readonly RelationField[];
  readonly plan: Plan | undefined;
  /** The columns are not known: any name may be among them. */
  readonly open?: boolean;
  /** Absent where there are none. */
  readonly swallowed?: readonly Swallowed[];
}

/** Stands for what could not be resolved: no plan, any column. */
export const unknownRelation: Relation = { fields: [], plan: undefined, open: true };

/** The relation with names that are unique. */
export function uniqueNames(relation: Relation): Relation {
  const fields = numberNames(relation.fields);
  const { plan } = relation;
  if (plan === undefined || fields.every((field, i) => field === relation.fields[i])) return { ...relation, fields };
  return {
    ...relation,
    fields,
    plan: { ...plan, fields: plan.fields.map((f, i) => ({ ...f, name: fields[i]!.name })) },
  };
}
