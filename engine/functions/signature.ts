import { isBinary, isInteger, isNumeric, isText } from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { type, typeText, withNullable } from '../types/data-type.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction, Session } from './define.ts';

/** What a function takes at one position. */
export interface Parameter {
  /** Completes `takes …, found INT`: 'a string'. */
  readonly expected: string;
  accepts(t: DataType): boolean;
  /** The type it is cast to before evaluation; absent: as it is. */
  readonly as?: DataType | ((t: DataType) => DataType);
}

export const text: Parameter = { expected: 'a string', accepts: isText };
export const binary: Parameter = { expected: 'bytes', accepts: isBinary };
export const textOrBinary: Parameter = { expected: 'a string or bytes', accepts: (t) => isText(t) || isBinary(t) };
export const boolean: Parameter = { expected: 'a BOOLEAN', accepts: (t) => t.kind === 'BOOLEAN' };
export const numeric: Parameter = { expected: 'a number', accepts: isNumeric };
export const integer: Parameter = { expected: 'an integer', accepts: isInteger };
/** An integer, read as INT (wrapped). */
export const int: Parameter = { ...integer, as: type.int(false) };
/** TINYINT, SMALLINT or INT, read as INT: where Flink takes no BIGINT. */
export const smallInteger: Parameter = {
  expected: 'an INT',
  accepts: (t) => isInteger(t) && t.kind !== 'BIGINT',
  as: type.int(false),
};
/** An integer, read as BIGINT. */
export const bigint: Parameter = { ...integer, as: type.bigint(false) };
/** A number, read as DOUBLE. */
export const double: Parameter = { ...numeric, as: type.double(false) };
export const anything: Parameter = { expected: 'a value', accepts: () => true };

/** The part of a call that depends on what the arguments are. */
export interface Body {
  readonly evaluate: (...values: never[]) => Scalar;
  readonly code?: ResolvedCall['code'];
}

/** One way of calling a function whose result type follows from its argument types alone. */
export interface Signature {
  readonly parameters: readonly Parameter[];
  /** How many of the last parameters may be missing. */
  readonly optional?: number;
  /** Taken any number of times after the others. */
  readonly rest?: Parameter;
  /** Nullability is added: nullable if an argument is. */
  readonly returns: DataType | ((types: readonly DataType[]) => DataType);
  /** A bare NULL is an argument like any other: for some functions Flink knows its type from the parameter. */
  readonly bareNull?: true;
  /** May answer NULL although no argument is NULL. */
  readonly nullable?: boolean;
  readonly nulls?: 'strict' | 'called';
  readonly evaluate?: (...values: never[]) => Scalar;
  readonly code?: ResolvedCall['code'];
  /** Instead of `evaluate` where it depends on the arguments' types or constants. */
  build?(args: readonly Argument[], session: Session): Body | Mismatch;
}

/** `resolve` of a function with one signature. */
export function signature(name: string, signature: Signature): ScalarFunction['resolve'] {
  return (args, session) => matchSignature(name, signature, args, session);
}

/** `resolve` of a function with several: the first that takes the arguments; else the mismatch of the closest count. */
export function signatures(name: string, list: readonly Signature[]): ScalarFunction['resolve'] {
  return (args, session) => {
    let best: Mismatch | undefined;
    for (const candidate of list) {
      const result = matchSignature(name, candidate, args, session);
      if (!('mismatch' in result)) return result;
      if (best === undefined || (result.argument ?? -1) > (best.argument ?? -1)) best = result;
    }
    return best!;
  };
}

function matchSignature(
  name: string,
  signature: Signature,
  args: readonly Argument[],
  session: Session,
): ResolvedCall | Mismatch {
  const { parameters, rest, optional = 0 } = signature;
  const wrong = checkCount(name, args.length, parameters.length - optional, rest ? Infinity : parameters.length);
  if (wrong) return wrong;
  const types: DataType[] = [];
  for (const [i, argument] of args.entries()) {
    const parameter = parameters[i] ?? rest!;
    if (argument.type.kind === 'NULL') {
      if (signature.bareNull === undefined) return untypedNull(i);
      types.push(argument.type);
      continue;
    }
    if (!parameter.accepts(argument.type)) return wrongType(name, parameter.expected, argument, i);
    const as = typeof parameter.as === 'function' ? parameter.as(argument.type) : parameter.as;
    types.push(as === undefined ? argument.type : withNullable(as, argument.type.nullable));
  }
  const body = signature.build?.(args, session) ?? (signature as Body);
  if ('mismatch' in body) return body;
  const returns =
    typeof signature.returns === 'function' ? signature.returns(args.map((a) => a.type)) : signature.returns;
  const nullable = signature.nullable === true || args.some((a) => a.type.nullable);
  const call: ResolvedCall = {
    type: withNullable(returns, nullable),
    parameters: types,
    nulls: signature.nulls ?? 'strict',
    evaluate: body.evaluate,
  };
  return body.code === undefined || call.nulls === 'called' ? call : { ...call, code: body.code };
}

/** The mismatch of a wrong number of arguments, if it is one. */
export function checkCount(name: string, found: number, least: number, most = least): Mismatch | undefined {
  if (found >= least && found <= most) return undefined;
  const range = most === least ? `${least}` : most === Infinity ? `${least} or more` : `${least} to ${most}`;
  const plural = range === '1' ? '' : 's';
  return {
    mismatch: `${name} takes ${range === '0' ? 'no' : range} argument${plural}, found ${found === 0 ? 'none' : found}`,
  };
}

export function wrongType(name: string, expected: string, argument: Argument, index: number): Mismatch {
  const found = argument.symbol ?? typeText(argument.type, false);
  return { mismatch: `${name} takes ${expected} here, found ${found}`, argument: index };
}

/** Flink gives a bare NULL no type. */
export function untypedNull(index: number): Mismatch {
  return { mismatch: 'NULL has no type here', argument: index, help: 'give it one: CAST(NULL AS STRING)' };
}

/** Whether NULL may come out because one of the arguments may be NULL. */
export function anyNullable(args: readonly Argument[]): boolean {
  return args.some((argument) => argument.type.nullable);
}

/** The mismatch of an argument that must be a string, or NULL without a type. */
export function isTextArgument(name: string, argument: Argument, index: number): Mismatch | undefined {
  return isText(argument.type) || argument.type.kind === 'NULL'
    ? undefined
    : wrongType(name, 'a string', argument, index);
}
