import {
  type ChangeSpec,
  type Command,
  type CommitSpec,
  type EntryChange,
  type EntrySpec,
  removals,
  type TtlSpec,
  type ValueSpec,
} from "./command.ts";

const shortValue: ValueSpec = { length: 1, seed: 0 };

/** Commands that say the same with less, each by one step: to be tried in the place of one that makes a run fail. */
export function simplerCommands(command: Command): Command[] {
  if (command.do === "together") {
    const { changes } = command;
    return [
      ...changes,
      ...changes.map((_, index) => ({ ...command, changes: without(changes, index) })),
      ...changes.flatMap((change, index) =>
        simplerChanges(change).map((simpler) => ({ ...command, changes: changes.with(index, simpler) })),
      ),
    ];
  }
  if (command.do === "createDict") {
    return simplerEntries(command.data)
      .map((data): Command => ({ ...command, data }))
      .concat(withoutIdempotencyKey(command));
  }
  if (command.do === "rest" && command.turns > 1) return [{ ...command, turns: command.turns >> 1 }];
  if (command.do === "advance" && command.ticks > 1) return [{ ...command, ticks: command.ticks >> 1 }];
  return isChange(command) ? simplerChanges(command) : [];
}

function simplerChanges(change: EntryChange): EntryChange[] {
  switch (change.do) {
    case "update":
      return simplerEntries(change.entries).map((entries) => ({ ...change, entries }));
    case "putIfAbsent": {
      const shorter = isShort(change.value) ? [] : [{ ...change, value: shortValue }];
      return [...withoutIdempotencyKey(change), ...shorter];
    }
    case "commit":
      return simplerCommits(change);
    case "removeMany":
      return [...withoutIdempotencyKey(change), ...fewer(change.keys).map((keys) => ({ ...change, keys }))];
    case "clear":
      return [];
    default:
      return withoutIdempotencyKey(change);
  }
}

function simplerCommits(commit: CommitSpec): CommitSpec[] {
  const { conditions, changes } = commit;
  return [
    ...withoutIdempotencyKey(commit),
    ...conditions.map((_, index) => ({ ...commit, conditions: without(conditions, index) })),
    ...changes.map((_, index) => ({ ...commit, changes: without(changes, index) })),
    ...changes.flatMap((change, index) =>
      simplerCommitChanges(change).map((simpler) => ({ ...commit, changes: changes.with(index, simpler) })),
    ),
  ];
}

function simplerCommitChanges(change: ChangeSpec): ChangeSpec[] {
  if (change.make === "remove") return [];
  const withoutTtl = withoutTtlOf(change);
  if (change.make !== "put" || isShort(change.value)) return withoutTtl;
  return [...withoutTtl, { ...change, value: shortValue }];
}

function simplerEntries(entries: readonly EntrySpec[]): EntrySpec[][] {
  const shorter = entries.flatMap(([key, value, ttl], index) =>
    isShort(value) ? [] : [entries.with(index, [key, shorterValue(value), ttl])],
  );
  const lasting = entries.flatMap(([key, value, ttl], index) =>
    ttl === undefined ? [] : [entries.with(index, [key, value])],
  );
  return [...fewer(entries), ...shorter, ...lasting];
}

/** All but one, if that leaves something. */
function fewer<Item>(items: readonly Item[]): Item[][] {
  return items.length > 1 ? items.map((_, index) => without(items, index)) : [];
}

function withoutTtlOf<Timed extends { readonly ttl?: TtlSpec }>(timed: Timed): Timed[] {
  return timed.ttl === undefined ? [] : [{ ...timed, ttl: undefined }];
}

function shorterValue(value: ValueSpec): ValueSpec {
  return "number" in value ? shortValue : { ...value, length: value.length >> 1 };
}

function withoutIdempotencyKey<Keyed extends { readonly idempotencyKey?: number | undefined }>(
  command: Keyed,
): Keyed[] {
  return command.idempotencyKey === undefined ? [] : [{ ...command, idempotencyKey: undefined }];
}

function isShort(value: ValueSpec): boolean {
  return "length" in value && value.length <= 1;
}

function isChange(command: Command): command is EntryChange {
  return ["update", "putIfAbsent", "commit", "removeMany", ...removals, "clear"].includes(command.do);
}

function without<Item>(items: readonly Item[], index: number): Item[] {
  return items.filter((_, other) => other !== index);
}
