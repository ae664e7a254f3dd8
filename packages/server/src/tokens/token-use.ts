import { readFileSync } from "node:fs";
import { writeAtomically } from "./write-atomically.ts";

/** How often what was noted is written, in milliseconds. */
const saveIntervalMs = 60_000;

/**
 * When each token was last used, in a file of its own beside the token file.
 *
 * Noting a use is one entry in memory. The file is written once a minute if there was any, so a crash forgets at most a
 * minute. The time is shown to people and decides nothing, so a file that cannot be read or written is treated as
 * absent.
 */
export class TokenUse {
  readonly #path: string;
  readonly #isToken: (tokenId: string) => boolean;
  readonly #atMs = new Map<string, number>();
  #isChanged = false;
  #savedAtMs = Number.NEGATIVE_INFINITY;

  /** @param isToken whether there is such a token still; what is known of others is forgotten at the next writing. */
  constructor(path: string, isToken: (tokenId: string) => boolean) {
    this.#path = path;
    this.#isToken = isToken;
  }

  /** A token was used. */
  note(tokenId: string, nowMs: number): void {
    this.#atMs.set(tokenId, nowMs);
    this.#isChanged = true;
  }

  /** Unix seconds by token, as far as is known here or was written by another process. */
  read(): ReadonlyMap<string, number> {
    const all = new Map(this.#readFile());
    for (const [tokenId, atMs] of this.#atMs) all.set(tokenId, Math.max(atMs / 1000, all.get(tokenId) ?? 0));
    return all;
  }

  /** Writes if there is something new and the last time is long enough ago. Never rejects. */
  async saveIfDue(nowMs: number): Promise<void> {
    if (this.#isChanged && Math.abs(nowMs - this.#savedAtMs) >= saveIntervalMs) await this.save(nowMs);
  }

  /** Writes what is new. Never rejects. */
  async save(nowMs: number): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.#savedAtMs = nowMs;
    try {
      for (const tokenId of this.#atMs.keys()) if (!this.#isToken(tokenId)) this.#atMs.delete(tokenId);
      const known = [...this.read()].filter(([tokenId]) => this.#isToken(tokenId));
      const content = { version: 1, lastUsedAtSeconds: Object.fromEntries(known) };
      await writeAtomically(this.#path, `${JSON.stringify(content, undefined, 2)}\n`);
    } catch {
      // A full disk for instance, which others report. The next time it is tried again.
      this.#isChanged = true;
    }
  }

  #readFile(): [string, number][] {
    try {
      const { lastUsedAtSeconds } = JSON.parse(readFileSync(this.#path, "utf8")) as Record<string, unknown>;
      const entries = Object.entries(lastUsedAtSeconds as Record<string, unknown>);
      return entries.filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
    } catch {
      return [];
    }
  }
}
