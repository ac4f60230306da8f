import { type DataType, type Field, type Scalar, textOf } from '../engine/index.ts';

export type RowFormat = 'table' | 'jsonl' | 'csv';

/** Writes rows to a stream as they come; `end` after the last one. */
export interface RowWriter {
  rows(rows: readonly (readonly Scalar[])[], fields: readonly Field[]): void;
  end(): void;
}

export function createRowWriter(format: RowFormat, zone: string, write: (text: string) => void): RowWriter {
  switch (format) {
    case 'jsonl':
      return {
        rows: (rows, fields) => {
          write(rows.map((row) => `${jsonRow(row, fields, zone)}\n`).join(''));
        },
        end: () => {},
      };
    case 'csv':
      return csvWriter(zone, write);
    case 'table':
      return tableWriter(zone, write);
  }
}

/** One object in column order; a repeated name is repeated, as the query has it. */
function jsonRow(row: readonly Scalar[], fields: readonly Field[], zone: string): string {
  return `{${fields.map(({ name, type }, i) => `${JSON.stringify(name)}: ${jsonText(type, row[i] ?? null, zone)}`).join(', ')}}`;
}

/** BIGINT and DECIMAL are numbers where a double holds them exactly, and strings otherwise; times are their SQL text. */
function jsonText(t: DataType, value: Scalar, zone: string): string {
  if (value === null) return 'null';
  switch (t.kind) {
    case 'BOOLEAN':
      return String(value);
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return String(value);
    case 'BIGINT':
      return BigInt(Number(value)) === value ? String(value) : `"${value}"`;
    case 'DECIMAL':
      return decimalText(textOf(t, value, zone)!);
    case 'FLOAT':
    case 'DOUBLE': {
      const number = Number(textOf(t, value, zone));
      return Number.isFinite(number) ? JSON.stringify(number) : JSON.stringify(textOf(t, value, zone));
    }
    case 'ARRAY':
      return `[${(value as readonly Scalar[]).map((v) => jsonText(t.element, v, zone)).join(', ')}]`;
    case 'ROW': {
      const row = value as readonly Scalar[];
      return jsonRow(row, t.fields, zone);
    }
    case 'MAP': {
      const entries = [...(value as ReadonlyMap<Scalar, Scalar>)];
      const key = (k: Scalar) => JSON.stringify(textOf(t.key, k, zone) ?? 'null');
      return `{${entries.map(([k, v]) => `${key(k)}: ${jsonText(t.value, v, zone)}`).join(', ')}}`;
    }
    case 'BINARY':
    case 'VARBINARY':
      return JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'));
    default:
      return JSON.stringify(textOf(t, value, zone));
  }
}

function decimalText(text: string): string {
  const digits = text.replace(/^-?0*\.?0*/, '').replace('.', '').length;
  return digits <= 15 ? text : JSON.stringify(text);
}

function csvWriter(zone: string, write: (text: string) => void): RowWriter {
  let header = true;
  const cell = (text: string | null) =>
    text === null ? '' : /[",\r\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text;
  return {
    rows: (rows, fields) => {
      if (header) write(`${fields.map((f) => cell(f.name)).join(',')}\n`);
      header = false;
      write(
        rows.map((row) => `${fields.map((f, i) => cell(textOf(f.type, row[i] ?? null, zone))).join(',')}\n`).join(''),
      );
    },
    end: () => {},
  };
}

/** Columns are as wide as what was seen first: rows are not held back for a prettier table. */
function tableWriter(zone: string, write: (text: string) => void): RowWriter {
  let widths: number[] | undefined;
  let count = 0;
  const line = (cells: readonly string[]) =>
    `${cells
      .map((c, i) => ` ${c.padEnd(widths![i]!)} `)
      .join('|')
      .trimEnd()}\n`;
  return {
    rows: (rows, fields) => {
      const texts = rows.map((row) => fields.map((f, i) => textOf(f.type, row[i] ?? null, zone) ?? 'NULL'));
      if (widths === undefined) {
        widths = fields.map((f, i) => Math.max(f.name.length, ...texts.map((row) => row[i]!.length)));
        write(line(fields.map((f) => f.name)));
        write(`${widths.map((w) => '-'.repeat(w + 2)).join('+')}\n`);
      }
      write(texts.map(line).join(''));
      count += rows.length;
    },
    end: () => write(`(${count} ${count === 1 ? 'row' : 'rows'})\n`),
  };
}
