// How deep a value nests, found by walking it. The decoder mostly knows the depth without a walk (see
// pickle-machine.ts).

import { PyObject } from "../values/py-object.ts";
import { Cost } from "./cost.ts";
import type { Decoder } from "./decoder.ts";

/** A container that is being walked. */
interface Level {
  readonly parts: readonly unknown[];
  next: number;
}

/**
 * @throws if a value nests deeper than the reader may go. As for a writer, what is met once more adds nothing.
 */
export function measureNesting(decoder: Decoder, value: unknown): void {
  const { depthMax } = decoder.machine;
  const met = new Set<object>();
  const levels: Level[] = [{ parts: [value], next: 0 }];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    if (level.next === level.parts.length) {
      levels.pop();
      continue;
    }
    const part = level.parts[level.next++];
    if (typeof part !== "object" || part === null || met.has(part)) continue;
    if (levels.length > depthMax) throw decoder.input.fail(`nested deeper than depthMax = ${depthMax}`);
    decoder.input.spend(Cost.setElement);
    met.add(part);
    levels.push({ parts: partsOf(part), next: 0 });
  }
}

function partsOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return [];
  if (!(value instanceof PyObject)) return Object.values(value);
  const { callable, args, keywords, state, items, entries, setters } = value;
  const set = setters?.flatMap(({ setter, state: given }) => [setter, given]);
  return [callable, args, keywords, items, entries, state, set];
}
