import { DecodeError } from '../../../engine/connector/errors.ts';
import { type DataType, typeText } from '../../../engine/types/data-type.ts';

/** The error for a value that does not fit the type of its field; `found` says what it is: `the text 'abc'`. */
export function unfitError(type: DataType, path: string, found: string): DecodeError {
  const text = typeText(type, false);
  const article = /^[AEIOU]/.test(text) ? 'an' : 'a';
  const field = /^[^.[]*/.exec(path)![0];
  return new DecodeError(`field '${path}': expected ${article} ${text}, found ${found}`, field);
}

/** A text for a message, cut where it is long. */
export function quoteFound(text: string): string {
  return `the text '${text.length > 60 ? `${text.slice(0, 60)}…` : text}'`;
}
