/** The syntax tree: plain readonly data, every node with its span. Mirrors Flink SQL's grammar, knows nothing of types. */
export type * from './ast/expressions.ts';
export type * from './ast/names.ts';
export type * from './ast/queries.ts';
export type * from './ast/statements.ts';
export type * from './ast/types.ts';
