/** A text in a source file of the store, and what stands there instead in a broken build. */
export interface Patch {
  /** Below `src`. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A mistake that a log-structured store can have, as an edit of its sources. */
export interface BrokenBuild {
  readonly mistake: string;
  readonly patches: readonly Patch[];
}

/**
 * Builds of the store that lose data or bring it back. The simulation of lost power has to catch each of them: that
 * is what its silence about the real one is worth.
 */
export const brokenBuilds: readonly BrokenBuild[] = [
  {
    mistake: "acknowledges before the flush",
    patches: [
      { file: "log/group-flusher.ts", find: "      await file.sync();\n", replace: "" },
      { file: "log/group-flusher.ts", find: "      file.flushSync!();\n", replace: "" },
    ],
  },
  {
    mistake: "takes for durable what the last process left in the page cache",
    patches: [
      {
        file: "store/assemble-store.ts",
        find: "  await settle(recovered);\n",
        replace: "",
      },
    ],
  },
  {
    mistake: "believes a hint without its checksum",
    patches: [
      {
        file: "segments/hint.ts",
        find: "!isWhole(content, body)",
        replace: "false",
      },
    ],
  },
  {
    mistake: "believes the end that it finds, whatever was flushed",
    patches: [{ file: "segments/segment-end.ts", find: "if (end < proven)", replace: "if (false)" }],
  },
  {
    mistake: "skips a record when it salvages",
    patches: [
      {
        file: "doctor/salvage-segment.ts",
        find: "    this.#segment.visitor.found(record);",
        replace: "    if (record.sequence % 7 !== 0) this.#segment.visitor.found(record);",
      },
    ],
  },
  {
    mistake: "goes on after a failed flush",
    patches: [
      {
        file: "log/group-flusher.ts",
        find: "await file.sync();",
        replace: "await file.sync().catch(() => {});",
      },
    ],
  },
  {
    mistake: "closes as if a failed flush were none",
    patches: [
      {
        file: "store/log-store.ts",
        find: "if (writer.failure !== undefined) throw writer.failure;",
        replace: "",
      },
    ],
  },
  {
    mistake: "does not sync the directory of a new segment",
    patches: [
      {
        file: "log/group-flusher.ts",
        find: "await files.syncDirectory(segments.directory);",
        replace: "",
      },
    ],
  },
  {
    mistake: "drops a tombstone while an older put could come back",
    patches: [
      {
        file: "compaction/compaction-run.ts",
        find: "} else if (state.hasOlderPuts) {",
        replace: "} else if (false) {",
      },
    ],
  },
  {
    mistake: "accepts a torn tail",
    patches: [
      {
        file: "record/record.ts",
        find: `=== bytes.readUInt32LE(at) ? "whole" : "bad"`,
        replace: `>= 0 ? "whole" : "bad"`,
      },
    ],
  },
  {
    mistake: "does not cut a torn tail off before it appends",
    patches: [
      {
        file: "recovery/recovery.ts",
        find: "if (end < size) this.#cut = () => file.truncate(end);",
        replace: "",
      },
    ],
  },
  {
    mistake: "ignores generations when it replays",
    patches: [
      {
        file: "recovery/recovery.ts",
        find: "if (present?.generation === record.generation) return present;",
        replace: "if (present !== undefined) return present;",
      },
    ],
  },
  {
    mistake: "removes a compacted segment before the log says so",
    patches: [
      {
        file: "compaction/compaction-run.ts",
        find: "  segment.listed = false;\n",
        replace: "  await files.remove(segment.path);\n  segment.listed = false;\n",
      },
      {
        file: "compaction/compaction-run.ts",
        find: "  await segment.close();\n  await files.remove(segment.path);\n",
        replace: "",
      },
    ],
  },
  {
    mistake: "removes a compacted segment before its copies are durable",
    patches: [
      { file: "compaction/compaction-run.ts", find: "      await this.#group?.durable;\n", replace: "" },
      {
        file: "compaction/compaction-run.ts",
        find: "    await writer.appendManifest().durable;\n",
        replace: "",
      },
    ],
  },
  {
    mistake: "replays a part of an update",
    patches: [
      {
        file: "entries/entry-log.ts",
        find: "fields.endsCommit = endsCommit && index === entries.length - 1;",
        replace: "fields.endsCommit = true;",
      },
    ],
  },
  {
    mistake: "records an answer to an idempotency key apart from its effect",
    patches: [
      {
        file: "entries/entry-operations.ts",
        find: "log.remove(group, dict.entries, key, call === undefined);",
        replace: "log.remove(group, dict.entries, key, true);",
      },
    ],
  },
  {
    mistake: "replays a part of a commit",
    patches: [
      {
        file: "entries/entry-log.ts",
        find: "fields.endsCommit = endsCommit && isAlone;",
        replace: "fields.endsCommit = isAlone;",
      },
    ],
  },
  {
    mistake: "records the outcome of a commit apart from its changes",
    patches: [
      {
        file: "entries/commits.ts",
        find: "call === undefined ? planned.findLastIndex(isWritten) : -1",
        replace: "planned.findLastIndex(isWritten)",
      },
    ],
  },
  {
    mistake: "gives versions again that a loss of power took back",
    patches: [
      {
        file: "log/sequence-skip.ts",
        find: "lastSequence + skippedSequences",
        replace: "lastSequence",
      },
    ],
  },
  {
    mistake: "acknowledges writes before the log shows that versions were skipped",
    patches: [
      {
        file: "log/log-writer.ts",
        find: "return this.#flusher.durable.sequence <= this.#sequenceBefore;",
        replace: "return false;",
      },
    ],
  },
  {
    mistake: "copies the end that an entry had before it was moved",
    patches: [
      {
        file: "entries/entry-log.ts",
        find: "decided?.version === state.version ? decided : state",
        replace: "state",
      },
    ],
  },
  {
    mistake: "leaves half a group behind on a full disk",
    patches: [
      {
        file: "log/log-writer.ts",
        find: "if (group.start > 0) await this.#tail?.cutAnyway(group.start);",
        replace: "if (group.start > 0) segment.bytes = group.start;",
      },
    ],
  },
  {
    mistake: "believes a value without its checksum",
    patches: [
      {
        file: "segments/segment.ts",
        find: `record.read(bytes, 0, bytes.length, checksumSeed(this.salt, offset)) === "whole"`,
        replace: `record.readHead(bytes, 0, bytes.length) === "whole"`,
      },
    ],
  },
];
