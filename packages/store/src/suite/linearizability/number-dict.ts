import type { Change } from "@everdict/protocol";
import { bytes, text } from "../bytes.ts";
import { add, number, numberIn, put, remove, touch, when } from "../commit-words.ts";
import type { DictHandle } from "../dict-handle.ts";
import type { CommitInput, VersionedOutput } from "./entry-model.ts";
import type { NumberDict } from "./perform.ts";

const touchedForMs = 1_000_000;

/** A dictionary of a store whose values are numbers, written in decimal for histories. */
export function numberDict(dict: DictHandle): NumberDict {
  return {
    get: async (key) => decimal(await dict.get(key)),
    contains: (key) => dict.contains(key),
    pop: async (key) => decimal(await dict.pop(key)),
    remove: (key) => dict.remove(key),
    putIfAbsent: (key, value) => dict.putIfAbsent(key, pickled(value)),
    putAll: (entries) => dict.putAll(entries.map(([key, value]) => [key, pickled(value)] as const)),
    clear: () => dict.clear(),
    len: () => dict.len(),
    getMany: async (keys) => (await dict.getMany(keys)).map(decimal),
    entry: async (key) => {
      const found = await dict.entry(key);
      return found && { value: String(numberIn(found.value)), version: found.version };
    },
    commit: (key, input) => commit(dict, key, input),
  };
}

async function commit(dict: DictHandle, key: string, input: CommitInput): Promise<VersionedOutput> {
  const conditions = input.expected === undefined ? [] : [when(key, input.expected)];
  const outcome = await dict.commit([changeOf(key, input)], conditions);
  if (!outcome.committed) return { committed: false, reason: outcome.reason, found: outcome.found };
  const { version, value } = outcome.results[0]!;
  return { committed: true, version, value: value && String(numberIn(value)) };
}

function changeOf(key: string, { change }: CommitInput): Change {
  switch (change.kind) {
    case "put":
      return put(key, pickled(change.value));
    case "remove":
      return remove(key);
    case "touch":
      return touch(key, touchedForMs);
    case "add":
      return add(key, change.by, change.max === undefined ? {} : { max: number(change.max) });
  }
}

function pickled(decimalText: string): string {
  return text(number(Number(decimalText)));
}

function decimal(value: string | undefined): string | undefined {
  return value === undefined ? undefined : String(numberIn(bytes(value)));
}
