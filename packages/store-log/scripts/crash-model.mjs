// What a store must look like after a crash, from what its clients were told.
//
// Every client is sequential, so when the process dies at most one of its operations is under way. Whatever was
// answered must be so; what was under way happened as a whole or not at all.
import { createHash } from "node:crypto";

export const clientCount = 24;
export const environmentId = "en-crash";
export const sharedDictId = "di-shared";
// Small, so that segments are sealed and compacted all the time and most values come from the log.
export const storeOptions = { segmentMaxBytes: 128 * 1024, valueCacheMaxBytes: 64 * 1024 };

export const ownDictName = (client) => `own-${client}`;
export const keyOf = (client, index) => Buffer.from(`key-${client}-${index}`);

/** A value that says who wrote it, for which key, and how long it is. */
export function entryValue({ stamp, length }, index) {
  const head = `${stamp}/${index}/${length}/`;
  return Buffer.from(head + "x".repeat(length));
}

/** Numbers in [0, 1) from a text. */
export function random(seed) {
  let state = createHash("sha256").update(seed).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What one client's entries are: those in the shared dictionary, and its own dictionary if there is one. */
export function emptyState() {
  return { shared: new Map(), own: undefined };
}

/** The state after an operation, and what it is answered. A new object; the old one stays. */
export function apply(state, client, operation) {
  const next = { shared: new Map(state.shared), own: state.own && new Map(state.own) };
  if (operation.do === "recreate") return { next: { ...next, own: new Map() }, answer: true };
  const map = operation.shared ? next.shared : next.own;
  if (map === undefined) return { next: state, answer: "none" };
  const text = (index) => keyOf(client, index).toString();
  switch (operation.do) {
    case "put":
      map.set(text(operation.index), entryValue(operation.value, operation.index).toString());
      return { next, answer: undefined };
    case "putIfAbsent": {
      if (map.has(text(operation.index))) return { next: state, answer: false };
      map.set(text(operation.index), entryValue(operation.value, operation.index).toString());
      return { next, answer: true };
    }
    case "pop": {
      const value = map.get(text(operation.index));
      map.delete(text(operation.index));
      return { next, answer: value === undefined ? null : value.slice(0, 60) };
    }
    case "update": {
      const value = { ...operation.value, length: Math.min(operation.value.length, 300) };
      for (let index = operation.from; index < operation.from + operation.count; index++) {
        map.set(text(index), entryValue(value, index).toString());
      }
      return { next, answer: undefined };
    }
    case "clear":
      map.clear();
      return { next, answer: undefined };
  }
  throw new Error(`no such operation: ${operation.do}`);
}

/** Whether two states are the same. */
export function isSame(a, b) {
  return (
    isSameMap(a.shared, b.shared) &&
    (a.own === undefined) === (b.own === undefined) &&
    isSameMap(a.own, b.own)
  );
}

function isSameMap(a = new Map(), b = new Map()) {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/** How two states differ, for people. */
export function difference(expected, found) {
  const lines = [];
  if ((expected.own === undefined) !== (found.own === undefined)) {
    lines.push(`own dictionary: expected ${expected.own !== undefined}, found ${found.own !== undefined}`);
  }
  for (const part of ["shared", "own"]) {
    const [wanted, present] = [expected[part] ?? new Map(), found[part] ?? new Map()];
    for (const key of new Set([...wanted.keys(), ...present.keys()])) {
      const [one, two] = [wanted.get(key)?.slice(0, 40), present.get(key)?.slice(0, 40)];
      if (wanted.get(key) !== present.get(key)) lines.push(`${part} ${key}: expected ${one}, found ${two}`);
    }
  }
  return lines.slice(0, 10).join("\n");
}
