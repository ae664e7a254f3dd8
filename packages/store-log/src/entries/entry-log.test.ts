// In which order records take effect is the writer's business: what was decided one after the other may become durable
// in any order of two groups.
import { expect, test } from "vitest";
import { ValueCache } from "../index/value-cache.ts";
import type { RecordGroup } from "../log/commit-group.ts";
import type { LogWriter } from "../log/log-writer.ts";
import { encodeRecordHead, type RecordFields, RecordTarget, recordBytes } from "../record/record.ts";
import { TableOnly } from "../testing/key-tables.ts";
import { DictEntries } from "./dict-entries.ts";
import { EntryLog } from "./entry-log.ts";

/** Groups that become durable when a test says so. */
class Groups {
  readonly only = new TableOnly();
  readonly entries = new DictEntries(7, this.only.memory);
  readonly log: EntryLog;
  #sequence = 0;
  #offset = 0;
  #effects: (() => void)[] = [];

  constructor() {
    const writer = { nextSequence: () => ++this.#sequence, current: () => this.current() };
    const cache = new ValueCache(0);
    this.log = new EntryLog({ writer: writer as unknown as LogWriter, cache, onEnding: () => {} });
  }

  current(): RecordGroup {
    const append = (fields: RecordFields) => {
      const length = recordBytes(fields.key.length, fields.value.length);
      const bytes = Buffer.alloc(length);
      encodeRecordHead(new RecordTarget(bytes), 0, fields, 0);
      this.#offset += length;
      const segment = this.only.segments.active!;
      return { segment, offset: this.#offset, length, bytes, start: 0, largeValue: undefined };
    };
    const onDurable = (effect: () => void) => void this.#effects.push(effect);
    return { number: 1, bytes: 0, durable: Promise.resolve(), append, onDurable };
  }

  /** What was decided since the last call, to be done later. */
  taken(): () => void {
    const effects = this.#effects.splice(0);
    return () => {
      for (const effect of effects) effect();
    };
  }
}

const key = Buffer.from("key");
const value = Buffer.from("value");

test.each([
  ["before it", true],
  ["after it", false],
])("a touch that was decided after a copy and takes effect %s is not forgotten", (_, isFirst) => {
  const groups = new Groups();
  const { entries, log, only } = groups;
  const found = () => entries.table.find(key)!;
  log.put(groups.current(), entries, [{ key, value }], 1000, true);
  groups.taken()();
  only.segments.startNext();
  log.copyPut(entries, found(), key, value);
  const copied = groups.taken();
  log.touch(entries, found(), key, 2000);
  const touched = groups.taken();
  for (const effects of isFirst ? [touched, copied] : [copied, touched]) effects();
  expect(found().expiresAtMs).toBe(2000);
  expect(found().touch).toBeDefined();
  const { active } = only.segments;
  expect(active!.liveBytes).toBe(found().length + found().touch!.length);
});
