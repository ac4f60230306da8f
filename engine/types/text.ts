import { textOfBytes } from './bytes-text.ts';
import type { DataType, Scalar } from './data-type.ts';
import { timestampUnit } from './data-type.ts';
import { decimalText } from './decimal.ts';
import { doubleText, floatText } from './java-double.ts';
import { dateText, millisText, monthsText, timestampText, timeText } from './time-text.ts';
import { localOfInstant, timeZone } from './time-zone.ts';

/** The text CAST(x AS STRING) gives, null for NULL. `zone` is where TIMESTAMP_LTZ is read. */
export function textOf(type: DataType, value: Scalar, zone = 'UTC'): string | null {
  return value === null ? null : (textWriter(type, zone) as (value: Scalar) => string)(value);
}

/** As `textOf` for non-null values of one type, decided once. */
export function textWriter(t: DataType, zone: string): (value: never) => string {
  switch (t.kind) {
    case 'BOOLEAN':
      return (value: boolean) => (value ? 'TRUE' : 'FALSE');
    case 'CHAR':
    case 'VARCHAR':
      return (value: string) => value;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return (value: number | bigint) => String(value);
    case 'FLOAT':
      return floatText;
    case 'DOUBLE':
      return doubleText;
    case 'DECIMAL':
      return (value: bigint) => decimalText(value, t.scale);
    case 'BINARY':
    case 'VARBINARY':
      return textOfBytes;
    case 'DATE':
      return dateText;
    case 'TIME':
      return (value: number) => timeText(value, t.precision);
    case 'TIMESTAMP':
      return (value: bigint) => timestampText(value, t.precision);
    case 'TIMESTAMP_LTZ': {
      const rules = timeZone(zone);
      const unit = timestampUnit(t.precision);
      return (value: bigint) => timestampText(localOfInstant(rules, value, unit), t.precision);
    }
    case 'INTERVAL_YEAR_MONTH':
      return monthsText;
    case 'INTERVAL_DAY_TIME':
      return millisText;
    case 'ARRAY': {
      const element = nullableWriter(t.element, zone);
      return (value: readonly Scalar[]) => `[${value.map(element).join(', ')}]`;
    }
    case 'MAP':
      return entriesWriter(nullableWriter(t.key, zone), nullableWriter(t.value, zone));
    case 'MULTISET':
      return entriesWriter(nullableWriter(t.element, zone), String);
    case 'ROW': {
      const fields = t.fields.map((field) => nullableWriter(field.type, zone));
      return (value: readonly Scalar[]) => `(${value.map((field, i) => fields[i]!(field)).join(', ')})`;
    }
    case 'NULL':
      return () => 'NULL';
  }
}

function nullableWriter(t: DataType, zone: string): (value: Scalar) => string {
  const write = textWriter(t, zone) as (value: Scalar) => string;
  return (value) => (value === null ? 'NULL' : write(value));
}

function entriesWriter(key: (value: Scalar) => string, item: (value: Scalar) => string) {
  return (value: ReadonlyMap<Scalar, Scalar>) => {
    const entries: string[] = [];
    for (const [k, v] of value) entries.push(`${key(k)}=${item(v)}`);
    return `{${entries.join(', ')}}`;
  };
}
