import type { Change, Changed, CommitOutcome, CommitRequest, Condition, Version } from "@everdict/protocol";
import { addToNumber } from "./add-to-number.ts";
import type { MemoryDict, MemoryEntry } from "./memory-dict.ts";

const versionDigits = 16;

/** The version of an entry in memory. */
export function versionOf(entry: MemoryEntry): Version {
  return entry.write.toString(16).padStart(versionDigits, "0");
}

/** Checks all conditions, in order, and makes all changes, or none. */
export function commitTo(
  dict: MemoryDict,
  { conditions, changes }: CommitRequest,
  nowMs: number,
): CommitOutcome {
  for (const [index, condition] of conditions.entries()) {
    const found = dict.find(condition.key, nowMs);
    if (!holds(condition, found)) return refused("condition", index, found);
  }
  const sums: (Uint8Array | undefined)[] = [];
  for (const [index, change] of changes.entries()) {
    if (change.kind !== "add") continue;
    const found = dict.find(change.key, nowMs);
    const sum = addToNumber(found?.value, change);
    if ("refused" in sum) return refused(sum.refused, index, found);
    sums[index] = sum.value;
  }
  return {
    committed: true,
    results: changes.map((change, index) => makeChange(dict, change, sums[index], nowMs)),
  };
}

function holds({ expected }: Condition, found: MemoryEntry | undefined): boolean {
  if (expected === "absent") return found === undefined;
  return found !== undefined && (expected === "present" || expected === versionOf(found));
}

function refused(
  reason: "condition" | "not_a_number" | "out_of_bounds",
  index: number,
  found: MemoryEntry | undefined,
): CommitOutcome {
  return { committed: false, reason, index, found: found && versionOf(found) };
}

function makeChange(dict: MemoryDict, change: Change, sum: Uint8Array | undefined, nowMs: number): Changed {
  if (change.kind === "put") return { version: versionOf(dict.write(change, nowMs)) };
  const found = dict.find(change.key, nowMs);
  switch (change.kind) {
    case "remove":
      if (found !== undefined) dict.remove(found);
      return { version: found && versionOf(found) };
    case "touch":
      if (found !== undefined) dict.setTtl(found, change.ttlMs, nowMs);
      return { version: found && versionOf(found) };
    case "add": {
      const value = sum!;
      if (found === undefined) {
        const created = dict.write({ key: change.key, value, ttlMs: change.ttlOnCreateMs }, nowMs);
        return { version: versionOf(created), value };
      }
      dict.replaceValue(found, value);
      return { version: versionOf(found), value };
    }
  }
}
