import { timingSafeEqual } from "node:crypto";
import type { Caller } from "@everdict/engine";
import type { TokenInfo } from "@everdict/protocol";
import type { TokenRecord } from "./token-records.ts";

/** One secret of a token. The same caller object goes with the same secret as long as its rights stay the same. */
interface KnownSecret {
  readonly sha256: Buffer;
  readonly caller: Caller;
  /** Milliseconds since the Unix epoch; infinite: never. */
  readonly endsAtMs: number;
}

/**
 * The tokens of one state of a token file, ready for questions that come with every call.
 *
 * Callers are kept over changes of the file, since the server keeps a service for each of them and ends what is under
 * way for callers that are not current: a token that did not change must not notice that others did.
 */
export class KnownTokens {
  readonly #infos = new Map<string, TokenInfo>();
  readonly #secrets = new Map<string, readonly KnownSecret[]>();
  readonly #endsAtMs = new Map<Caller, number>();
  /** By everything that they are made of. */
  readonly #callers = new Map<string, Caller>();

  constructor(records: readonly TokenRecord[], before?: KnownTokens) {
    for (const record of records) this.#add(record, before);
  }

  /** Whom an id and the hash of a secret belong to, at a time. */
  match(tokenId: string, sha256: Buffer, nowMs: number): Caller | undefined {
    for (const secret of this.#secrets.get(tokenId) ?? []) {
      if (timingSafeEqual(secret.sha256, sha256)) return nowMs < secret.endsAtMs ? secret.caller : undefined;
    }
    return undefined;
  }

  /** Whether the secret that a caller came with is good, at a time, for what it was then. */
  isCurrent(caller: Caller, nowMs: number): boolean {
    const endsAtMs = this.#endsAtMs.get(caller);
    return endsAtMs !== undefined && nowMs < endsAtMs;
  }

  /** What may be told of a token. */
  info(tokenId: string): TokenInfo | undefined {
    return this.#infos.get(tokenId);
  }

  /** Of all tokens, oldest first. */
  infos(): readonly TokenInfo[] {
    return [...this.#infos.values()];
  }

  /** The caller that is made of this. */
  callerOf(key: string): Caller | undefined {
    return this.#callers.get(key);
  }

  #add(record: TokenRecord, before: KnownTokens | undefined): void {
    const { tokenId, secretSha256, endsAtSeconds, previousSecret } = record;
    this.#infos.set(tokenId, infoOf(record));
    const endsAtMs = msOf(endsAtSeconds);
    const secrets = [this.#secret(record, secretSha256, endsAtMs, before)];
    if (previousSecret !== undefined) {
      const endsFirstMs = Math.min(endsAtMs, msOf(previousSecret.endsAtSeconds));
      secrets.push(this.#secret(record, previousSecret.secretSha256, endsFirstMs, before));
    }
    this.#secrets.set(tokenId, secrets);
  }

  #secret(
    record: TokenRecord,
    secretSha256: string,
    endsAtMs: number,
    before: KnownTokens | undefined,
  ): KnownSecret {
    const { tokenId, name, role = "admin", environments } = record;
    const key = JSON.stringify([tokenId, secretSha256, name, role, environments]);
    const isUnlimited = role === "admin" && environments === undefined;
    const access = isUnlimited ? {} : { access: { role, environments } };
    const caller = before?.callerOf(key) ?? { id: tokenId, name, ...access };
    this.#callers.set(key, caller);
    this.#endsAtMs.set(caller, endsAtMs);
    return { sha256: Buffer.from(secretSha256, "latin1"), caller, endsAtMs };
  }
}

function infoOf(record: TokenRecord): TokenInfo {
  const { tokenId, name, createdAtSeconds, role = "admin", environments, endsAtSeconds, note } = record;
  const previousSecretEndsAtSeconds = record.previousSecret?.endsAtSeconds;
  return {
    tokenId,
    name,
    createdAtSeconds,
    role,
    environments,
    endsAtSeconds,
    note,
    previousSecretEndsAtSeconds,
  };
}

function msOf(seconds: number | undefined): number {
  return seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000;
}
