import { isKeyword } from '../plan/evaluate.ts';
import type { CallExpr, CaseExpr, CastExpr, Expr, LogicalExpr } from '../plan/expr.ts';
import { resolveCast } from '../types/cast.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import type { Code, Value } from './code.ts';

const NULL: Value = { code: 'null', isNull: 'true' };

/** Writes the statements that compute an expression for the current row; each is computed once per row. */
export function emit(code: Code, expr: Expr): Value {
  if (expr.kind === 'literal') return literal(code, expr.value);
  return code.once(expr, () => {
    switch (expr.kind) {
      case 'column':
        return column(code, expr.index, expr.type);
      case 'outer':
        throw new Error(`column '${expr.name}' of a query around is left`);
      case 'call':
        return call(code, expr);
      case 'cast':
        return cast(code, expr);
      case 'and':
      case 'or':
        return logical(code, expr);
      case 'not': {
        const operand = emit(code, expr.operand);
        return { code: code.define('v', `!${operand.code}`), isNull: operand.isNull };
      }
      case 'is-null': {
        const { isNull } = emit(code, expr.operand);
        return { code: expr.negated ? negate(code, isNull) : isNull, isNull: 'false' };
      }
      case 'case':
        return cases(code, expr);
      case 'field': {
        const row = emit(code, expr.input);
        const value = code.define('v', unlessNull(row.isNull, 'null', `${row.code}[${expr.index}]`));
        return checked(code, value);
      }
    }
  });
}

/** Writes what is needed and gives the text of "the expression is TRUE". */
export function emitCondition(code: Code, expr: Expr): string {
  const value = emit(code, expr);
  if (value.isNull === 'false') return value.code;
  return value.isNull === 'true' ? 'false' : `!${value.isNull} && ${value.code}`;
}

function literal(code: Code, value: Scalar): Value {
  if (value === null) return NULL;
  return { code: constant(code, value), isNull: 'false' };
}

/** Numbers are written out, so that the engine may fold them; everything else is handed in. */
function constant(code: Code, value: Exclude<Scalar, null>): string {
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'number':
      if (Object.is(value, -0)) return '(-0)';
      if (!Number.isFinite(value)) return code.bind(value);
      return value < 0 ? `(${value})` : String(value);
    default:
      return code.bind(value);
  }
}

function column(code: Code, index: number, t: DataType): Value {
  const stored = `c${index}[i]`;
  const value = code.define('v', t.kind === 'BOOLEAN' ? `${stored} === 1` : stored);
  return { code: value, isNull: code.nulls ? code.define('n', `m${index}[i] === 1`) : 'false' };
}

function call(code: Code, expr: CallExpr): Value {
  const args = expr.arguments.map((argument) => (isKeyword(argument) ? keyword : emit(code, argument)));
  const resolved = expr.call;
  if (resolved.nulls === 'called') {
    const values = args.map((arg) => (arg === keyword ? 'null' : unlessNull(arg.isNull, 'null', arg.code)));
    return checked(code, code.define('v', `${code.bind(resolved.evaluate, 'f')}(${values.join(', ')})`));
  }
  const isNull = anyNull(code, args);
  if (isNull === 'true') return NULL;
  const values = args.map((arg) => arg.code);
  if (resolved.code !== undefined) {
    const text = resolved.code(values, code.bind);
    if (resolved.guard !== undefined) {
      const fails = `!(${resolved.guard(values, code.bind)})`;
      const outside = code.define('n', isNull === 'false' ? fails : `${isNull} || ${fails}`);
      return { code: code.define('v', `${outside} ? ${defaultOf(code, expr.type)} : ${text}`), isNull: outside };
    }
    return { code: code.define('v', unlessNull(isNull, defaultOf(code, expr.type), text)), isNull };
  }
  const text = `${code.bind(resolved.evaluate, 'f')}(${values.join(', ')})`;
  return checked(code, code.define('v', unlessNull(isNull, 'null', text)));
}

const keyword: Value = { code: 'null', isNull: 'false' };

function cast(code: Code, expr: CastExpr): Value {
  const input = emit(code, expr.input);
  if (input.isNull === 'true') return NULL;
  const resolved = resolveCast(expr.input.type, expr.type, expr.timeZone);
  if (resolved === undefined) throw new Error('a cast was planned that does not exist');
  if (resolved.code !== undefined) {
    const text = resolved.code(input.code, code.bind);
    if (text === input.code) return input;
    return { code: code.define('v', unlessNull(input.isNull, defaultOf(code, expr.type), text)), isNull: input.isNull };
  }
  const evaluate = resolved.evaluate as (value: Scalar) => Scalar;
  const guarded = expr.try && resolved.fallible;
  const name = code.bind(guarded ? nullOnError(evaluate) : evaluate, 'f');
  const value = code.define('v', unlessNull(input.isNull, 'null', `${name}(${input.code})`));
  return resolved.mayBeNull || guarded ? checked(code, value) : { code: value, isNull: input.isNull };
}

function nullOnError(evaluate: (value: Scalar) => Scalar): (value: Scalar) => Scalar {
  return (value) => {
    try {
      return evaluate(value);
    } catch (error) {
      if (error instanceof EvaluationError) return null;
      throw error;
    }
  };
}

/** The answer is decided by the first operand that is TRUE for OR, FALSE for AND; later ones are not evaluated then. */
function logical(code: Code, expr: LogicalExpr): Value {
  const or = expr.kind === 'or';
  const value = code.fresh('v');
  const unknown = code.fresh('n');
  const label = code.fresh('l');
  code.line(`let ${value} = ${!or}, ${unknown} = false;`);
  let nullable = false;
  code.block(`${label}:`, () => {
    for (const operand of expr.operands) {
      const o = emit(code, operand);
      if (o.isNull === 'true') {
        nullable = true;
        code.line(`${unknown} = true;`);
        continue;
      }
      const decided = `{ ${value} = ${or}; ${unknown} = false; break ${label}; }`;
      const test = or ? o.code : `!${o.code}`;
      if (o.isNull === 'false') {
        code.line(`if (${test}) ${decided}`);
      } else {
        nullable = true;
        code.line(`if (${o.isNull}) ${unknown} = true; else if (${test}) ${decided}`);
      }
    }
  });
  return { code: value, isNull: nullable ? unknown : 'false' };
}

function cases(code: Code, expr: CaseExpr): Value {
  const value = code.fresh('v');
  const isNull = code.fresh('n');
  const label = code.fresh('l');
  code.line(`let ${value} = ${defaultOf(code, expr.type)}, ${isNull} = false;`);
  let nullable = false;
  const assign = (result: Expr) => {
    const r = emit(code, result);
    if (r.isNull !== 'false') {
      nullable = true;
      code.line(`${isNull} = ${r.isNull};`);
    }
    if (r.isNull !== 'true') code.line(`${value} = ${r.code};`);
  };
  code.block(`${label}:`, () => {
    for (const { when, result } of expr.branches) {
      code.block(`if (${emitCondition(code, when)})`, () => {
        assign(result);
        code.line(`break ${label};`);
      });
    }
    assign(expr.otherwise);
  });
  return { code: value, isNull: nullable ? isNull : 'false' };
}

function checked(code: Code, value: string): Value {
  return { code: value, isNull: code.define('n', `${value} === null`) };
}

function anyNull(code: Code, values: readonly Value[]): string {
  const tests = [...new Set(values.map((v) => v.isNull))].filter((test) => test !== 'false');
  if (tests.includes('true')) return 'true';
  if (tests.length <= 1) return tests[0] ?? 'false';
  return code.define('n', tests.join(' || '));
}

function unlessNull(isNull: string, otherwise: string, text: string): string {
  if (isNull === 'false') return text;
  return isNull === 'true' ? otherwise : `${isNull} ? ${otherwise} : ${text}`;
}

function negate(code: Code, test: string): string {
  if (test === 'true') return 'false';
  return test === 'false' ? 'true' : code.define('v', `!${test}`);
}

/** Stands where a value is NULL, in the representation of the type, so that variables keep one representation. */
function defaultOf(code: Code, t: DataType): string {
  switch (t.kind) {
    case 'BOOLEAN':
      return 'false';
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'FLOAT':
    case 'DOUBLE':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_YEAR_MONTH':
      return '0';
    case 'BIGINT':
    case 'DECIMAL':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
    case 'INTERVAL_DAY_TIME':
      return code.zero;
    case 'CHAR':
    case 'VARCHAR':
      return "''";
    default:
      return 'null';
  }
}
