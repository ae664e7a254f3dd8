// Which tuples inside a key are equal. Equal ones get the same number, so that the key encoder can treat them as one
// object before it writes them. Numbers are given from the innermost tuple outwards, on a stack of its own.

import { PyFloat } from "./py-float.ts";

/**
 * Numbers a key's tuples by content, types included: 1 and 1.0 and true differ, as do 0.0 and -0.0.
 *
 * Answers `undefined` where the key nests deeper than `depthMax` or is circular: the encoder finds that out again,
 * and knows the path.
 */
export function numberTuples(
  key: readonly unknown[],
  depthMax: number,
): ReadonlyMap<readonly unknown[], number> | undefined {
  const numbers = new Map<readonly unknown[], number>();
  const contents = new Map<string, number>();
  const levels: { items: readonly unknown[]; next: number; content: string }[] = [
    { items: key, next: 0, content: "" },
  ];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    if (level.next === level.items.length) {
      let number = contents.get(level.content);
      if (number === undefined) {
        number = contents.size;
        contents.set(level.content, number);
      }
      numbers.set(level.items, number);
      levels.pop();
      continue;
    }
    const item = level.items[level.next];
    if (!Array.isArray(item)) {
      level.content += scalarContent(item);
      level.next++;
      continue;
    }
    const number = numbers.get(item);
    if (number !== undefined) {
      level.content += `t${number},`;
      level.next++;
    } else {
      if (levels.length >= depthMax) return undefined;
      levels.push({ items: item, next: 0, content: "" });
    }
  }
  return numbers;
}

function scalarContent(item: unknown): string {
  switch (typeof item) {
    case "string":
      return `s${item.length}:${item}`;
    case "number":
      return Object.is(item, -0) ? "f-0," : `${Number.isSafeInteger(item) ? "i" : "f"}${item},`;
    case "bigint":
      return `i${item},`;
    case "boolean":
      return item ? "y" : "n";
    default:
  }
  if (item instanceof Uint8Array) return `b${item.length}:${item.join()},`;
  if (item instanceof PyFloat) return `f${Object.is(item.value, -0) ? "-0" : item.value},`;
  return "0";
}
