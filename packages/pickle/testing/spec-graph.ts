// Descriptions of values as graphs. A description is a list of nodes, the first being the value itself. A node is its
// kind followed by its parts; parts that are values are numbers of other nodes. Mutable containers may refer to any
// node, so that circles arise; anything else refers only to later ones. Both languages therefore build in this order:
// mutable containers, empty; the others from the last to the first; then the content of the mutable ones.

/** A node: its kind, then its parts. */
export type Node = readonly [kind: string, ...parts: unknown[]];
/** A value: its nodes, the first being the value itself. */
export type Spec = readonly Node[];

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
/** Kinds that Python can hash whatever they hold; tuples and the like depend on their elements. */
const hashable = words(
  "none bool int bigint float str bytes buffer decimal fraction complex uuid date timedelta timezone datetime utc time range path url enum ellipsis global zoneinfo handle longstr longbytes",
);
const hashableByParts = words("tuple namedtuple");
/** Kinds that stay placeholders with the reader. */
const opaque = words(
  "enum namedtuple box plain inner slotted slottedmore stack registry withstate keyworded jobfailed global npother function lambda class instance dynamic",
);
const scalarKinds = words("none bool int float str bytes");
const byValue = words("function lambda class instance dynamic");
const isError = ([kind, name]: Node): boolean =>
  kind === "unicodeerror" ||
  kind === "jobfailed" ||
  (kind === "exception" && /^(Value|Key|Type|Runtime)Error$/.test(name as string));

/** Whether decoding the value must not give any placeholder. */
export function isFullyKnown(spec: Spec): boolean {
  return spec.every((node) => !opaque.has(node[0]) && !isPythonOnly(node));
}

/** Whether only cloudpickle can write the value: it holds a function or class that no module has. */
export function needsCloudpickle(spec: Spec): boolean {
  return spec.some(([kind]) => byValue.has(kind));
}

/** The first protocol in which Python can write the value. */
export function protocolMin(spec: Spec): number {
  const hasSlots = ([kind, name]: Node): boolean =>
    /^slotted/.test(kind) || (kind === "dynamic" && name === "dataclass");
  return spec.some(hasSlots) ? 2 : 0;
}

// Regular expressions and references that only Python can read.
function isPythonOnly([kind, first, flags]: Node): boolean {
  if (kind === "url") return (first as string).startsWith("/");
  return kind === "regexp" && (flags === 256 || /\\A|\[\]/.test(first as string));
}

// What nodes can refer to where there is nothing else that fits.
const alwaysThere: readonly Node[] = [
  ["str", "last"],
  ["int", "7"],
  ["timedelta", 0, 3600, 0],
  ["exception", "ValueError", [], []],
];

/** Turns the random numbers in nodes into numbers of nodes that may stand there. */
export function connect(nodes: readonly Node[]): Spec {
  if (new Connection(nodes, 0, []).isLeaf()) return nodes.slice(0, 1);
  const result: Node[] = [...nodes, ...alwaysThere];
  const isHashable: boolean[] = new Array(result.length).fill(false);
  for (let at = result.length - 1; at >= 0; at--) {
    const node = new Connection(result, at, isHashable).node();
    result[at] = node;
    isHashable[at] = hashable.has(node[0]) ? !isUnsafeKey(node) : hasHashableParts(node, isHashable);
  }
  return result;
}

function hasHashableParts([kind, ...parts]: Node, isHashable: readonly boolean[]): boolean {
  if (kind === "frozenset") return true;
  const elements = (kind === "tuple" ? parts[0] : parts) as number[];
  return hashableByParts.has(kind) && elements.every((element) => isHashable[element]);
}

// As the key of a Map, -0 becomes 0; NaN is not equal to itself.
function isUnsafeKey([kind, ...parts]: Node): boolean {
  const isNumber = kind === "float" || kind === "complex" || kind === "decimal";
  return isNumber && parts.some((part) => /^(80+|7ff8.*|-0.*|NaN)$/.test(part as string));
}

/** One node on its way from random numbers to numbers of nodes. */
class Connection {
  private readonly nodes: readonly Node[];
  private readonly at: number;
  private readonly isHashable: readonly boolean[];

  constructor(nodes: readonly Node[], at: number, isHashable: readonly boolean[]) {
    this.nodes = nodes;
    this.at = at;
    this.isHashable = isHashable;
  }

  private pick(number: unknown, allowed: (node: Node, index: number) => boolean): number | undefined {
    const from: number[] = [];
    this.nodes.forEach((node, index) => {
      if (allowed(node, index)) from.push(index);
    });
    return from[(number as number) % from.length];
  }

  private readonly any = (number: unknown): number => (number as number) % this.nodes.length;

  private readonly later = (number: unknown): number => {
    const first = this.at + 1;
    return first + ((number as number) % (this.nodes.length - first));
  };

  private readonly anyOrNone = (number: unknown): number | null =>
    number === null ? null : this.any(number);

  private readonly key = (number: unknown): number =>
    this.pick(number, (_, index) => index > this.at && this.isHashable[index] === true) as number;

  private ofKind(number: unknown, wanted: string): number | undefined {
    return this.pick(number, ([kind], index) => index > this.at && kind === wanted);
  }

  // A key that Python takes for an attribute's name, too.
  private readonly name = (number: unknown): number => this.ofKind(number, "str") as number;

  private readonly scalar = (number: unknown): number =>
    this.pick(number, ([kind], index) => index > this.at && scalarKinds.has(kind)) as number;

  // No key twice, nor any that is equal for Python alone (0 and False), which the encoder refuses.
  private distinct<Value>(list: unknown, mapKey: (number: unknown) => number): [number, Value][] {
    const found = new Map<string, [number, Value]>();
    for (const [number, value] of list as [number, Value][]) {
      const key = mapKey(number);
      const content = this.content(key);
      if (!found.has(content)) found.set(content, [key, value]);
    }
    return [...found.values()];
  }

  private content(at: number): string {
    const [kind, part] = this.nodes[at] as Node;
    if (kind === "bool") return part === true ? "1" : "0";
    if (kind === "int" || kind === "bigint") return String(part);
    if (kind === "float") {
      const value = Buffer.from(part as string, "hex").readDoubleBE();
      return Number.isInteger(value) ? String(BigInt(value)) : `float ${value}`;
    }
    if (kind === "tuple") return `(${(part as number[]).map((each) => this.content(each)).join()})`;
    return JSON.stringify(this.nodes[at]).replace(/^\["buffer"/, '["bytes"');
  }

  private pairs(list: unknown, mapKey: (number: unknown) => number): [number, number][] {
    return this.distinct<number>(list, mapKey).map(([key, value]) => [key, this.any(value)]);
  }

  private elements(list: unknown): number[] {
    const keys = (list as unknown[]).map((each) => [each, null]);
    return this.distinct(keys, this.key).map(([key]) => key);
  }

  private attributes(list: unknown, mapValue: (number: unknown) => number): [string, number][] {
    return [...new Map((list as [string, number][]).map(([name, value]) => [name, mapValue(value)]))];
  }

  /** Whether the node refers to no other. */
  isLeaf(): boolean {
    return this.rules[(this.nodes[this.at] as Node)[0]] === undefined;
  }

  /** The node with numbers of nodes. */
  node(): Node {
    const [kind, ...parts] = this.nodes[this.at] as Node;
    const rule = this.rules[kind];
    return rule === undefined ? [kind, ...parts] : [kind, ...rule(parts)];
  }

  private readonly rules: Record<string, (parts: readonly unknown[]) => unknown[]> = {
    list: ([items]) => [this.each(items, this.any)],
    deque: ([items, length]) => [this.each(items, this.any), length],
    tuple: ([items]) => [this.each(items, this.later)],
    set: ([items]) => [this.elements(items)],
    frozenset: ([items]) => [this.elements(items)],
    dict: ([pairs]) => [this.pairs(pairs, this.name)],
    odict: ([pairs]) => [this.pairs(pairs, this.key)],
    // With text keys alone it would be a dict, for which JavaScript has plain objects.
    map: (parts) => {
      const pairs = this.pairs(parts[0], this.key);
      if (pairs.some(([key]) => this.nodes[key]?.[0] === "int")) return [pairs];
      const int = this.ofKind(0, "int") as number;
      const others = pairs.filter(([key]) => this.content(key) !== this.content(int));
      return [[...others, [int, this.any(this.at)]]];
    },
    defaultdict: ([factory, pairs]) => [factory, this.pairs(pairs, this.key)],
    counter: ([counts]) => [this.distinct(counts, this.key)],
    slice: (parts) => parts.map(this.later),
    namedtuple: (parts) => parts.map(this.later),
    keyworded: (parts) => parts.map(this.later),
    jobfailed: (parts) => parts.map(this.later),
    timezone: ([offset, name]) => {
      const isOffset = ([kind, days]: Node, index: number): boolean =>
        kind === "timedelta" && index > this.at && Math.abs(days as number) < 1;
      return [this.pick(offset, isOffset), name];
    },
    datetime: (parts) => [...parts.slice(0, -1), this.zone(parts.at(-1))],
    time: (parts) => [...parts.slice(0, -1), this.zone(parts.at(-1))],
    exception: ([name, args, attributes]) => {
      // What these take beyond a message is a place in a file; the last one's third argument is a count.
      const places = /^(Syntax|Indentation|Tab)Error$/.test(name as string);
      const argsMax = places ? 1 : name === "BlockingIOError" ? 2 : 4;
      return [name, this.each(args, this.scalar).slice(0, argsMax), this.attributes(attributes, this.later)];
    },
    jserror: (parts) => [...parts.slice(0, 3), parts[3] === null ? null : this.later(parts[3])],
    exceptiongroup: ([name, message, errors]) => [name, message, this.each(errors, this.error)],
    box: ([content, label]) => [this.any(content), label],
    plain: ([attributes]) => [this.attributes(attributes, this.any)],
    inner: ([attributes]) => [this.attributes(attributes, this.any)],
    slotted: ([attributes]) => [this.attributes(attributes, this.any)],
    slottedmore: ([attributes]) => [this.attributes(attributes, this.any)],
    // A registered class gives numbers to its instances, and an integral float is a number like any other then.
    point: (parts) => parts.map((number) => this.pick(number, ([kind]) => kind !== "float")),
    stack: ([items, note]) => [this.each(items, this.any), this.anyOrNone(note)],
    registry: ([pairs, note]) => [this.pairs(pairs, this.key), this.anyOrNone(note)],
    withstate: ([value]) => [this.any(value as number)],
    lambda: ([value]) => [this.later(value)],
    function: ([value, cell]) => [this.later(value), this.any(cell)],
    class: ([value]) => [this.later(value)],
    instance: ([value]) => [this.later(value)],
  };

  private each(list: unknown, map: (number: unknown) => number): number[] {
    return (list as unknown[]).map(map);
  }

  private readonly error = (number: unknown): number =>
    this.pick(number, (node, index) => index > this.at && isError(node)) as number;

  private zone(number: unknown): number | null {
    if (number === null) return null;
    return this.ofKind(number, "timezone") ?? this.ofKind(number, "zoneinfo") ?? null;
  }
}
