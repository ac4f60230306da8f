import { bigNumberText } from '../../../engine/types/decimal.ts';
import { doubleText } from '../../../engine/types/java-double.ts';
import { parseDecimal, stripZeros } from '../text/parse-number.ts';
import { quoteJson } from './quote.ts';
import type { JsonReader } from './reader.ts';

/**
 * The JSON text that an object or array becomes as a STRING: without blanks, of a repeated name only the last value,
 * numbers normalised (`exact`: as decimals, else fractions as doubles).
 */
export function treeText(reader: JsonReader, exact: boolean): string {
  const kind = reader.kind();
  switch (kind) {
    case 'string':
      return quoteJson(reader.string());
    case 'number': {
      const { text, integral } = reader.number();
      if (integral) return text === '-0' ? '0' : text;
      if (exact) return bigNumberText(stripZeros(parseDecimal(text)!));
      const value = Number(text);
      return Number.isFinite(value) ? doubleText(value) : `"${doubleText(value)}"`;
    }
    case 'object': {
      const members = new Map<string, string>();
      reader.enter();
      for (let first = true; reader.more(0x7d, first); first = false)
        members.set(reader.name(), treeText(reader, exact));
      return `{${[...members].map(([name, value]) => `${quoteJson(name)}:${value}`).join(',')}}`;
    }
    case 'array': {
      const elements: string[] = [];
      reader.enter();
      for (let first = true; reader.more(0x5d, first); first = false) elements.push(treeText(reader, exact));
      return `[${elements.join(',')}]`;
    }
    default:
      reader.literal(kind);
      return kind;
  }
}
