// Which integral numbers in a decoded container were Python floats. JavaScript has one kind of number, so 1.0 arrives
// as 1. When it is written back it must not become an int, unless the program changed it. So a container that holds
// such floats carries a note of where they were and what they were. The note is a symbol property that is not
// enumerable: copies, comparisons and JSON do not see it. A number counts as a float while it is the one that is noted.

const marksKey = Symbol("integral floats");
type Marked = { [marksKey]?: FloatMarks };

const noValues: ReadonlyMap<unknown, number> = new Map();
const noKeys: ReadonlySet<unknown> = new Set();

/** The note that one container carries. */
export class FloatMarks {
  /** Array elements: the float by its index, NaN for anything else. */
  readonly elements: number[] = [];
  /** Properties of a plain object or values of a Map, by key. */
  values: ReadonlyMap<unknown, number> = noValues;
  /** Keys of a Map or elements of a Set. */
  keys: ReadonlySet<unknown> = noKeys;
}

let marksExist = false;

/** The note of a container, if it has one. Costs nothing until the first is made. */
export function floatMarksOf(container: object): FloatMarks | undefined {
  return marksExist ? (container as Marked)[marksKey] : undefined;
}

function marksFor(container: object): FloatMarks {
  let marks = (container as Marked)[marksKey];
  if (marks === undefined) {
    marks = new FloatMarks();
    marksExist = true;
    Object.defineProperty(container, marksKey, { value: marks });
  }
  return marks;
}

/** Notes that an array element is a float. */
export function markFloatElement(array: readonly unknown[], index: number): void {
  const { elements } = marksFor(array);
  while (elements.length < index) elements.push(Number.NaN);
  elements[index] = array[index] as number;
}

/** Notes that the value of a property or Map entry is a float. */
export function markFloatValue(container: object, key: unknown, value: number): void {
  const marks = marksFor(container);
  if (marks.values === noValues) marks.values = new Map();
  (marks.values as Map<unknown, number>).set(key, value);
}

/** Notes that a Map key or Set element is a float. */
export function markFloatKey(container: object, key: unknown): void {
  const marks = marksFor(container);
  if (marks.keys === noKeys) marks.keys = new Set();
  (marks.keys as Set<unknown>).add(key);
}

/** Lets a container that was made from another's content know the same floats. */
export function shareFloatMarks(from: object, to: object): void {
  const marks = floatMarksOf(from);
  if (marks !== undefined) Object.defineProperty(to, marksKey, { value: marks });
}
