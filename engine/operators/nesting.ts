import type { DataType, Scalar } from '../types/data-type.ts';

/** `table.exec.sink.nested-constraint-enforcer`: how far into values the constraints of a sink's types are held. */
export type Nesting = 'IGNORE' | 'ROWS' | 'ROWS_AND_COLLECTIONS';

export type MapValue = (value: Scalar) => Scalar;

/**
 * Applies what `leaf` gives for a type to a value of that type and, as far as `nesting` reaches, to the values in it,
 * from the outside in; undefined where `leaf` gives nothing for any of these types. `path` names the place, as in
 * `column.field`. Functions are given NULLs too.
 */
export function mapNested(
  type: DataType,
  path: string,
  nesting: Nesting,
  leaf: (type: DataType, path: string) => MapValue | undefined,
): MapValue | undefined {
  const own = leaf(type, path);
  const inner = mapInside(type, path, nesting, leaf);
  if (own === undefined || inner === undefined) return own ?? inner;
  return (value) => inner(own(value));
}

function mapInside(
  type: DataType,
  path: string,
  nesting: Nesting,
  leaf: (type: DataType, path: string) => MapValue | undefined,
): MapValue | undefined {
  const collections = nesting === 'ROWS_AND_COLLECTIONS';
  const within = (inner: DataType, name: string) => mapNested(inner, name, nesting, leaf);
  if (type.kind === 'ROW' && nesting !== 'IGNORE') {
    const fields = type.fields.map((field) => within(field.type, `${path}.${field.name}`));
    if (fields.every((map) => map === undefined)) return undefined;
    return whole<readonly Scalar[]>((row) => row.map((value, i) => fields[i]?.(value) ?? value));
  }
  if (type.kind === 'ARRAY' && collections) {
    const element = within(type.element, `${path}[element]`);
    return element && whole<readonly Scalar[]>((list) => list.map((value) => element(value)));
  }
  if (type.kind === 'MULTISET' && collections) return mapEntries(within(type.element, `${path}[element]`), undefined);
  if (type.kind === 'MAP' && collections) {
    return mapEntries(within(type.key, `${path}[key]`), within(type.value, `${path}[value]`));
  }
  return undefined;
}

function mapEntries(key: MapValue | undefined, value: MapValue | undefined): MapValue | undefined {
  if (key === undefined && value === undefined) return undefined;
  return whole<ReadonlyMap<Scalar, Scalar>>(
    (map) => new Map([...map].map(([k, v]) => [key === undefined ? k : key(k), value === undefined ? v : value(v)])),
  );
}

function whole<T extends Scalar>(map: (value: T) => Scalar): MapValue {
  return (value) => (value === null ? null : map(value as T));
}
