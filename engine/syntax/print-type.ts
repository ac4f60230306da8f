import type { IntervalQualifier, TypeNode } from './ast.ts';
import { isPlain } from './name.ts';
import { printIdentifier, printString, quoteName } from './print-name.ts';

export function printType(type: TypeNode): string {
  const bare = printBareType(type);
  if (type.nullable === undefined) return bare;
  return type.nullable ? `${bare} NULL` : `${bare} NOT NULL`;
}

function printBareType({ name, parameters, elements, fields, interval }: TypeNode): string {
  switch (name) {
    case 'ARRAY':
    case 'MULTISET':
    case 'MAP':
      return `${name}<${elements.map(printType).join(', ')}>`;
    case 'ROW': {
      const list = fields.map((field) => {
        const comment = field.comment === undefined ? '' : ` ${printString(field.comment)}`;
        return `${printIdentifier(field.name)} ${printType(field.type)}${comment}`;
      });
      return `ROW<${list.join(', ')}>`;
    }
    case 'INTERVAL':
      return interval === undefined ? name : `INTERVAL ${printQualifier(interval)}`;
    default:
      return `${printTypeName(name)}${parameters.length === 0 ? '' : `(${parameters.join(', ')})`}`;
  }
}

/** Names of Flink's types are reserved words and stand as they are; others may need backticks. */
function printTypeName(name: string): string {
  if (/^[A-Z_]+$/.test(name)) return name;
  return name
    .split('.')
    .map((part) => (isPlain(part) ? part : quoteName(part)))
    .join('.');
}

export function printQualifier({ from, precision, to, fraction }: IntervalQualifier): string {
  if (to === undefined) {
    const numbers = [precision, fraction].filter((n) => n !== undefined);
    return numbers.length === 0 ? from : `${from}(${numbers.join(', ')})`;
  }
  const first = precision === undefined ? from : `${from}(${precision})`;
  return `${first} TO ${to}${fraction === undefined ? '' : `(${fraction})`}`;
}
