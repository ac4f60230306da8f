import type { Span } from '../diagnostics/diagnostic.ts';
import type { ResolvedCall } from '../functions/define.ts';
import type { DataType, Scalar } from '../types/data-type.ts';

/**
 * A typed, resolved expression over the columns of one input. `span` points into the job file, for messages of
 * expressions that fail while running; optimizer-made ones have none.
 */
export type Expr = (
  | { readonly kind: 'literal'; readonly value: Scalar }
  /** `index` into the fields of the input. */
  | { readonly kind: 'column'; readonly index: number; readonly name: string }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly call: ResolvedCall;
      readonly arguments: readonly Expr[];
      readonly deterministic: boolean;
    }
  /** `try`: NULL instead of failing. */
  | { readonly kind: 'cast'; readonly input: Expr; readonly try: boolean; readonly timeZone: string }
  /** Three-valued; evaluated from the left, stops as soon as the answer is known. */
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expr[] }
  | { readonly kind: 'not'; readonly operand: Expr }
  | { readonly kind: 'is-null'; readonly operand: Expr; readonly negated: boolean }
  /** The first branch whose `when` is TRUE; only that branch is evaluated. */
  | {
      readonly kind: 'case';
      readonly branches: readonly { readonly when: Expr; readonly then: Expr }[];
      readonly otherwise: Expr;
    }
) & { readonly type: DataType; readonly span?: Span };
