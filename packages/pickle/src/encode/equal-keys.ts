// Keys that are different in JavaScript and equal in Python: 1, true and 1n, or two arrays of the same content. Python
// would keep the last value of such a pair, and lose the other without a word.

import { asBytes } from "../values/other-realm.ts";
import { PyFloat } from "../values/py-float.ts";
import { latin1 } from "../wire/utf8.ts";

const kindBits = { number: 1, boolean: 2, bigint: 4, object: 8 } as Readonly<Record<string, number>>;

/**
 * The place of the first key, or of every `step`-th of the items, that is equal to an earlier one for Python, or -1.
 * Instances of classes are not compared.
 */
export function findEqualKey(items: readonly unknown[], count: number, step: 1 | 2): number {
  let kinds = 0;
  for (let at = 0; at < count; at += step) kinds |= kindBits[typeof items[at]] ?? 0;
  // Of one kind, but for objects, a Map and a Set hold none twice.
  if (kinds === 0 || kinds === 1 || kinds === 2 || kinds === 4) return -1;
  const forms = new KeyForms();
  const seen = new Set<string>();
  for (let at = 0; at < count; at += step) {
    const form = forms.of(items[at]);
    if (form === undefined) continue;
    if (seen.has(form)) return at;
    seen.add(form);
  }
  return -1;
}

const LEVELS_MAX = 100;

/**
 * Texts that are the same for keys that are equal, or `undefined` for what is not compared. An array inside a key is
 * spelled once and has a number from then on, so that arrays which share their parts, or contain themselves, cost no
 * more than they are long.
 */
class KeyForms {
  private readonly inner = new Map<readonly unknown[], string | undefined>();
  private readonly numbers = new Map<string, number>();

  of(key: unknown): string | undefined {
    if (typeof key === "string") return undefined;
    return Array.isArray(key) ? this.spell(key, 1) : this.part(key, 0);
  }

  private part(key: unknown, level: number): string | undefined {
    switch (typeof key) {
      case "string":
        return JSON.stringify(key);
      case "boolean":
        return key ? "1" : "0";
      case "bigint":
        return key.toString(16);
      case "number":
        return Number.isSafeInteger(key) ? key.toString(16) : Number.isNaN(key) ? undefined : `f${key}`;
      default:
    }
    if (key === null) return "~";
    if (key instanceof PyFloat) return this.part(key.value, level);
    const bytes = asBytes(key);
    if (bytes !== undefined) return `b${JSON.stringify(latin1(bytes))}`;
    return Array.isArray(key) && level < LEVELS_MAX ? this.array(key, level) : undefined;
  }

  private array(key: readonly unknown[], level: number): string | undefined {
    if (this.inner.has(key)) return this.inner.get(key);
    // What it is while it is being spelled: an array that contains itself is equal to nothing else.
    this.inner.set(key, undefined);
    const form = this.spell(key, level + 1);
    if (form === undefined) return undefined;
    const number = this.numbers.get(form) ?? this.numbers.size;
    this.numbers.set(form, number);
    this.inner.set(key, `#${number}`);
    return `#${number}`;
  }

  private spell(key: readonly unknown[], level: number): string | undefined {
    const parts: string[] = [];
    for (const part of key) {
      const form = this.part(part, level);
      if (form === undefined) return undefined;
      parts.push(form);
    }
    return `(${parts.join()})`;
  }
}
