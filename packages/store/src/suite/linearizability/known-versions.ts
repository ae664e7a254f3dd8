import type { DictInput, DictOutput } from "./dict-models.ts";

/** Stands, in a commit that was generated, for the version that its client was told last. */
export const knownVersion = "known";

/** The versions that one client was told, by key. */
export class KnownVersions {
  readonly #versions = new Map<string, string>();

  /** Puts the version that the client knows into a commit that is under one. */
  fill(input: DictInput): DictInput {
    if (input.do !== "commit" || input.expected !== knownVersion) return input;
    return { ...input, expected: this.#versions.get(input.key) ?? "present" };
  }

  /** Remembers the version in an answer, if it tells of which write it is: a touch or a removal does not. */
  learn(input: DictInput, output: DictOutput): void {
    if (input.do !== "entry" && input.do !== "commit") return;
    if (input.do === "commit" && input.change.kind !== "put" && input.change.kind !== "add") return;
    const version = typeof output === "object" && "version" in output ? output.version : undefined;
    if (version !== undefined) this.#versions.set(input.key, version);
  }
}
