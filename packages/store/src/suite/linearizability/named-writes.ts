import { type CommitInput, unknownWrite, type VersionedOutput } from "./entry-model.ts";
import type { History } from "./history.ts";

/** What an input may have, of one key or of a dictionary. */
interface AnyInput {
  readonly do: string;
  readonly key?: string | undefined;
}

/**
 * A history with names of writes in the place of versions, which are the store's own. A commit tells the version of its
 * write, and an entry that of its value. A version of two writes, or a write of two versions, then leads to an answer
 * that no order explains.
 */
export function withNamedWrites<Input extends AnyInput, Output>(
  history: History<Input, Output>,
): History<Input, Output> {
  const writes = writesByVersion(history);
  return history.map((operation) => {
    const { input, output } = operation;
    const name = (version: string | undefined) => version && writes.name(input, version);
    const named = isUnderVersion(input) ? { ...input, expected: name(input.expected) } : input;
    const seen = versioned(output?.value);
    if (seen === undefined) return { ...operation, input: named };
    const value = { ...seen, version: name(seen.version), found: name(seen.found) } as Output;
    return { ...operation, input: named, output: { value } };
  });
}

function writesByVersion(history: History<AnyInput, unknown>): Writes {
  const writes = new Writes();
  for (const { input, output } of history) {
    const version = versioned(output?.value)?.version;
    if (!isCommit(input) || version === undefined) continue;
    if (input.change.kind === "put") writes.note(input, version, input.change.value);
    if (input.change.kind === "add") writes.note(input, version, input.write);
  }
  for (const { input, output } of history) {
    const seen = versioned(output?.value);
    if (input.do === "entry" && seen !== undefined) writes.noteUnknown(input, seen.version!, seen.value!);
  }
  return writes;
}

/** The writes of versions, which differ within a key. */
class Writes {
  readonly #byVersion = new Map<string, string>();

  note({ key }: AnyInput, version: string, write: string): void {
    const known = this.#byVersion.get(`${key} ${version}`);
    this.#byVersion.set(`${key} ${version}`, known === undefined ? write : `${known} and ${write}`);
  }

  noteUnknown(input: AnyInput, version: string, write: string): void {
    if (!this.#byVersion.has(`${input.key} ${version}`)) this.note(input, version, write);
  }

  name({ key }: AnyInput, version: string): string {
    return this.#byVersion.get(`${key} ${version}`) ?? unknownWrite;
  }
}

function versioned(output: unknown): VersionedOutput | undefined {
  return typeof output === "object" && output !== null && !Array.isArray(output) ? output : undefined;
}

function isCommit(input: AnyInput): input is AnyInput & CommitInput {
  return input.do === "commit";
}

function isUnderVersion(input: AnyInput): input is AnyInput & CommitInput {
  return isCommit(input) && ![undefined, "absent", "present"].includes(input.expected);
}
