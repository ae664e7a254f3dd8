import { type Command, type EntryChange, type EntrySpec, removals, type ValueSpec } from "./command.ts";

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
    case "clear":
      return [];
    default:
      return withoutIdempotencyKey(change);
  }
}

function simplerEntries(entries: readonly EntrySpec[]): EntrySpec[][] {
  const fewer = entries.length > 1 ? entries.map((_, index) => without(entries, index)) : [];
  const shorter = entries.flatMap(([key, value], index) =>
    isShort(value) ? [] : [entries.with(index, [key, { ...value, length: value.length >> 1 }])],
  );
  return [...fewer, ...shorter];
}

function withoutIdempotencyKey<Keyed extends { readonly idempotencyKey?: number | undefined }>(
  command: Keyed,
): Keyed[] {
  return command.idempotencyKey === undefined ? [] : [{ ...command, idempotencyKey: undefined }];
}

function isShort(value: ValueSpec): boolean {
  return value.length <= 1;
}

function isChange(command: Command): command is EntryChange {
  return ["update", "putIfAbsent", ...removals, "clear"].includes(command.do);
}

function without<Item>(items: readonly Item[], index: number): Item[] {
  return items.filter((_, other) => other !== index);
}
