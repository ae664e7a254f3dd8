// What it costs to build a value from arguments that may be large. A pickle states them once and may refer to them as
// often as it likes, so that a few bytes could ask for copies of megabytes.

import { Cost } from "./cost.ts";

/** What one level of copies takes, in bytes; `factor` is the time's worth of a text's character. */
export function copyCost(values: readonly unknown[], factor: number): number {
  let costBytes = values.length * Cost.element;
  for (const value of values) costBytes += costOf(value, factor);
  return costBytes;
}

function costOf(value: unknown, factor: number): number {
  if (typeof value === "string") return value.length * factor;
  if (typeof value !== "object" || value === null) return 0;
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return value.byteLength;
  if (Array.isArray(value)) return value.length * Cost.setElement;
  if (value instanceof Map) return value.size * Cost.mapEntry;
  return Object.getPrototypeOf(value) === Object.prototype ? Object.keys(value).length * Cost.mapEntry : 0;
}
