import type { TypeNode } from '../syntax/ast.ts';
import { type DataType, MAX_LENGTH, type } from '../types/data-type.ts';
import { type Context, didYouMean, mistake } from './context.ts';

const typeNames = [
  'BOOLEAN TINYINT SMALLINT INT BIGINT FLOAT DOUBLE DECIMAL CHAR VARCHAR STRING BINARY VARBINARY BYTES',
  'DATE TIME TIMESTAMP TIMESTAMP_LTZ ARRAY MAP MULTISET ROW',
].flatMap((line) => line.split(' '));

/** What other systems call a type that Flink has under another name. */
const foreign: Readonly<Record<string, string>> = {
  TEXT: 'STRING',
  NVARCHAR: 'STRING',
  BOOL: 'BOOLEAN',
  INT2: 'SMALLINT',
  INT4: 'INT',
  INT8: 'BIGINT',
  LONG: 'BIGINT',
  SHORT: 'SMALLINT',
  BYTE: 'TINYINT',
  INT64: 'BIGINT',
  INT32: 'INT',
  FLOAT4: 'FLOAT',
  REAL: 'FLOAT',
  FLOAT8: 'DOUBLE',
  FLOAT64: 'DOUBLE',
  NUMBER: 'DECIMAL',
  DATETIME: 'TIMESTAMP',
  TIMESTAMPTZ: 'TIMESTAMP_LTZ',
  BLOB: 'BYTES',
  BYTEA: 'BYTES',
  JSON: 'STRING',
  JSONB: 'STRING',
  UUID: 'STRING',
};

/** The type that a node denotes; nullable unless NOT NULL is written. Undefined after a report. */
export function resolveType(context: Pick<Context, 'report'>, node: TypeNode): DataType | undefined {
  const bare = resolveBare(context, node);
  return bare === undefined || node.nullable !== false ? bare : { ...bare, nullable: false };
}

function resolveBare(context: Pick<Context, 'report'>, node: TypeNode): DataType | undefined {
  const [first, second] = node.parameters;
  switch (node.name) {
    case 'BOOLEAN':
      return type.boolean();
    case 'TINYINT':
      return type.tinyint();
    case 'SMALLINT':
      return type.smallint();
    case 'INT':
      return type.int();
    case 'BIGINT':
      return type.bigint();
    case 'FLOAT':
      return type.float();
    case 'DOUBLE':
      return type.double();
    case 'DATE':
      return type.date();
    case 'STRING':
      return type.string();
    case 'BYTES':
      return type.bytes();
    case 'DECIMAL':
      return decimal(context, node, first ?? 10, second ?? 0);
    case 'CHAR':
    case 'BINARY':
      return sized(context, node, node.name, first ?? 1);
    case 'VARCHAR':
    case 'VARBINARY':
      return sized(context, node, node.name, first ?? MAX_LENGTH);
    case 'TIME':
      // Flink's TIME has no fraction, whatever is written.
      return type.time(0);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return withPrecision(context, node, node.name, first ?? 6);
    case 'INTERVAL':
      return /YEAR|MONTH|QUARTER/.test(node.interval?.from ?? '') ? type.intervalMonths() : type.intervalMillis();
    case 'ARRAY':
    case 'MULTISET': {
      const element = resolveType(context, node.elements[0]!);
      return element && { kind: node.name, element, nullable: true };
    }
    case 'MAP': {
      const key = resolveType(context, node.elements[0]!);
      const value = resolveType(context, node.elements[1]!);
      return key && value && type.map(key, value);
    }
    case 'ROW':
      return row(context, node);
    default:
      return unknown(context, node);
  }
}

function decimal(context: Pick<Context, 'report'>, node: TypeNode, precision: number, scale: number) {
  if (precision < 1) {
    return mistake(context, 'invalid-type', 'DECIMAL takes a precision of 1 to 38, found 0', node.span);
  }
  if (scale > precision) {
    return mistake(
      context,
      'invalid-type',
      `DECIMAL takes a scale of 0 to its precision ${precision}, found ${scale}`,
      node.span,
    );
  }
  return type.decimal(atMost(context, node, precision, 38), Math.min(scale, 38));
}

function sized(
  context: Pick<Context, 'report'>,
  node: TypeNode,
  kind: 'CHAR' | 'VARCHAR' | 'BINARY' | 'VARBINARY',
  length: number,
): DataType | undefined {
  if (length <= MAX_LENGTH) return { kind, length, nullable: true };
  const message = `${kind} takes a length of at most ${MAX_LENGTH}, found ${length}`;
  return mistake(context, 'invalid-type', message, node.span);
}

function withPrecision(
  context: Pick<Context, 'report'>,
  node: TypeNode,
  kind: 'TIMESTAMP' | 'TIMESTAMP_LTZ',
  precision: number,
): DataType {
  return { kind, precision: atMost(context, node, precision, 9), nullable: true };
}

/** Flink cuts a precision that is too large without a word; here at least there is one. */
function atMost(context: Pick<Context, 'report'>, node: TypeNode, precision: number, most: number): number {
  if (precision <= most) return precision;
  const message = `${node.name} takes a precision of at most ${most}, ${precision} is read as ${most}`;
  mistake(context, 'invalid-type', message, node.span, { severity: 'warning' });
  return most;
}

function row(context: Pick<Context, 'report'>, node: TypeNode): DataType | undefined {
  const names = new Set<string>();
  let ok = true;
  const fields = node.fields.flatMap((field) => {
    if (names.has(field.name.name)) {
      mistake(context, 'duplicate-name', `the row has a field '${field.name.name}' already`, field.name.span);
      ok = false;
    }
    names.add(field.name.name);
    const t = resolveType(context, field.type);
    if (t === undefined) ok = false;
    const comment = field.comment === undefined ? {} : { comment: field.comment.value };
    return t === undefined ? [] : [{ name: field.name.name, type: t, ...comment }];
  });
  return ok ? type.row(fields) : undefined;
}

function unknown(context: Pick<Context, 'report'>, node: TypeNode): undefined {
  const name = node.name.toUpperCase();
  if (name === 'VARIANT' || name === 'RAW') {
    return mistake(context, 'unsupported', `type ${name} is not supported yet`, node.span);
  }
  const same = Object.hasOwn(foreign, name) ? foreign[name] : undefined;
  const extra =
    same === undefined
      ? didYouMean(name, typeNames, node.span, `types: ${typeNames.join(', ')}`, 'word')
      : { help: `Flink's name for it is ${same}`, fix: { span: node.span, text: same } };
  return mistake(context, 'invalid-type', `unknown type '${node.name}'`, node.span, extra);
}
