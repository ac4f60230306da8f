import type { ColumnDefinition, LikeClause, Option } from '../syntax/ast.ts';
import { type Context, didYouMean, mistake } from './context.ts';
import type { TableText } from './table-definition.ts';

type Mode = 'INCLUDING' | 'EXCLUDING' | 'OVERWRITING';
type What = Exclude<LikeClause['clauses'][number]['what'], 'ALL'>;

/** What is taken over where nothing is written. */
const defaults: Readonly<Record<What, Mode>> = {
  CONSTRAINTS: 'INCLUDING',
  DISTRIBUTION: 'INCLUDING',
  GENERATED: 'INCLUDING',
  METADATA: 'INCLUDING',
  OPTIONS: 'OVERWRITING',
  PARTITIONS: 'INCLUDING',
  WATERMARKS: 'INCLUDING',
};

const overwritable: ReadonlySet<string> = new Set(['GENERATED', 'METADATA', 'OPTIONS', 'WATERMARKS']);

/** The declaration with what LIKE takes from the other table: its columns come first. Undefined after a report. */
export function mergeLike(context: Context, own: TableText, like: LikeClause): TableText | undefined {
  const source = context.catalog.find(like.source);
  if (source === undefined && context.lost.has(like.source.parts.at(-1)!.name)) return undefined;
  if (source?.kind !== 'table') {
    const written = like.source.parts.map((part) => part.name).join('.');
    const message = source === undefined ? `unknown table '${written}'` : `LIKE takes a table, '${written}' is a view`;
    mistake(
      context,
      'unknown-table',
      message,
      like.source.span,
      didYouMean(written, context.catalog.names(), like.source.span),
    );
    return undefined;
  }
  const modes = modesOf(context, like);
  const base = source.definition.text;
  return {
    ...own,
    columns: mergeColumns(context, base, own, modes),
    watermarks: mergeWatermarks(context, base, own, modes.WATERMARKS),
    primaryKey: mergeKey(context, base, own, modes.CONSTRAINTS),
    partitionedBy: mergePartitions(context, base, own, modes.PARTITIONS),
    options: mergeOptions(context, base, own, modes.OPTIONS),
  };
}

function modesOf(context: Context, like: LikeClause): Record<What, Mode> {
  const modes: Record<What, Mode> = { ...defaults };
  const seen = new Set<string>();
  for (const { mode, what, span } of like.clauses) {
    if (seen.has(what)) mistake(context, 'invalid-query', `${what} is named twice`, span);
    seen.add(what);
    if (mode === 'OVERWRITING' && !overwritable.has(what)) {
      mistake(context, 'invalid-query', `OVERWRITING ${what} is not possible`, span, {
        help: 'it takes GENERATED, METADATA, OPTIONS or WATERMARKS',
      });
    } else if (what === 'ALL') {
      for (const key of Object.keys(modes) as What[]) {
        if (!like.clauses.some((clause) => clause.what === key)) modes[key] = mode;
      }
    } else modes[what] = mode;
  }
  return modes;
}

function mergeColumns(
  context: Context,
  base: TableText,
  own: TableText,
  modes: Readonly<Record<What, Mode>>,
): ColumnDefinition[] {
  const merged = new Map<string, ColumnDefinition>();
  for (const column of base.columns) {
    if (column.kind === 'computed' && modes.GENERATED === 'EXCLUDING') continue;
    if (column.kind === 'metadata' && modes.METADATA === 'EXCLUDING') continue;
    merged.set(column.name.name, column);
  }
  const added: ColumnDefinition[] = [];
  for (const column of own.columns) {
    const existing = merged.get(column.name.name);
    const mode = column.kind === 'computed' ? modes.GENERATED : modes.METADATA;
    if (existing === undefined) added.push(column);
    else if (existing.kind === column.kind && column.kind !== 'physical' && mode === 'OVERWRITING') {
      merged.set(column.name.name, column);
    } else {
      const what = column.kind === 'computed' ? 'GENERATED' : 'METADATA';
      const help = column.kind === 'physical' ? {} : { help: `write OVERWRITING ${what}, or EXCLUDING ${what}` };
      const message = `the table in LIKE has a column '${column.name.name}' already`;
      mistake(context, 'duplicate-name', message, column.name.span, help);
    }
  }
  return [...merged.values(), ...added];
}

function mergeWatermarks(context: Context, base: TableText, own: TableText, mode: Mode): TableText['watermarks'] {
  if (mode === 'EXCLUDING') return own.watermarks;
  const name = (watermark: TableText['watermarks'][number]) => watermark.column.map((part) => part.name).join('.');
  const kept = base.watermarks.filter((watermark) => {
    const again = own.watermarks.find((other) => name(other) === name(watermark));
    if (again !== undefined && mode === 'INCLUDING') {
      mistake(
        context,
        'duplicate-name',
        `the table in LIKE has a watermark for '${name(watermark)}' already`,
        again.span,
        {
          help: 'write OVERWRITING WATERMARKS, or EXCLUDING WATERMARKS',
        },
      );
    }
    return again === undefined;
  });
  return [...kept, ...own.watermarks];
}

function mergeKey(context: Context, base: TableText, own: TableText, mode: Mode): TableText['primaryKey'] {
  if (mode === 'EXCLUDING' || base.primaryKey === undefined) return own.primaryKey;
  if (own.primaryKey !== undefined) {
    mistake(context, 'duplicate-name', 'the table in LIKE has a primary key already', own.primaryKey.span, {
      help: 'write EXCLUDING CONSTRAINTS',
    });
  }
  return own.primaryKey ?? base.primaryKey;
}

function mergePartitions(context: Context, base: TableText, own: TableText, mode: Mode): TableText['partitionedBy'] {
  if (mode === 'EXCLUDING' || base.partitionedBy.length === 0) return own.partitionedBy;
  if (own.partitionedBy.length > 0) {
    mistake(context, 'duplicate-name', 'the table in LIKE has partitions already', own.partitionedBy[0]!.span, {
      help: 'write EXCLUDING PARTITIONS',
    });
  }
  return base.partitionedBy;
}

function mergeOptions(context: Context, base: TableText, own: TableText, mode: Mode): Option[] {
  if (mode === 'EXCLUDING') return [...own.options];
  const keys = new Map(own.options.map((option) => [option.key.value, option]));
  const kept = base.options.filter((option) => {
    const again = keys.get(option.key.value);
    if (again !== undefined && mode === 'INCLUDING') {
      mistake(
        context,
        'duplicate-name',
        `the table in LIKE has an option '${option.key.value}' already`,
        again.key.span,
        {
          help: 'write OVERWRITING OPTIONS',
        },
      );
    }
    return again === undefined;
  });
  return [...kept, ...own.options];
}
