// Which Python type a Map stands for. A dict with other than text keys and an OrderedDict both arrive as a Map. By its
// keys alone, a Map is written as an OrderedDict if all are texts, else as a dict. Where that would change what Python
// wrote, the right kind is remembered here, beside the Map, which stays an ordinary Map for the program.

/** The Python type that a Map stands for. */
export type MapKind = "dict" | "OrderedDict";

const kinds = new WeakMap<object, MapKind>();
const attributes = new WeakMap<object, unknown>();

/** Remembers which Python type a Map stands for, whatever its keys. */
export function setMapKind(map: Map<unknown, unknown>, kind: MapKind): void {
  kinds.set(map, kind);
}

/** Which Python type a Map stands for, if that was remembered. */
export function mapKind(map: Map<unknown, unknown>): MapKind | undefined {
  return kinds.get(map);
}

/** Remembers the attributes of an OrderedDict, for which a Map has no place. */
export function setMapAttributes(map: Map<unknown, unknown>, state: unknown): void {
  attributes.set(map, state);
}

/** The attributes that an OrderedDict had, or `undefined`. */
export function mapAttributes(map: Map<unknown, unknown>): unknown {
  return attributes.get(map);
}

/** The Python type that a Map is written as. */
export function writtenMapKind(map: ReadonlyMap<unknown, unknown>): MapKind {
  return kinds.get(map) ?? kindByKeys(map);
}

/** Whether a Map is written as a copy of its entries would be: nothing is remembered beside it that would be lost. */
export function isOrdinaryMap(map: ReadonlyMap<unknown, unknown>): boolean {
  return !attributes.has(map) && writtenMapKind(map) === kindByKeys(map);
}

function kindByKeys(map: ReadonlyMap<unknown, unknown>): MapKind {
  return [...map.keys()].every((key) => typeof key === "string") ? "OrderedDict" : "dict";
}
