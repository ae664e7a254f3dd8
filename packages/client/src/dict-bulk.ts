/** Reads and removals of many entries, each by as few requests as the limits allow. */

import type { Entry } from "@everdict/protocol";
import { checkArgument } from "./arguments/check-options.ts";
import { keysKind, keysOrPrefix } from "./arguments/option-kinds.ts";
import { type Cursor, cursorBytes, cursorText } from "./cursor-text.ts";
import type { DictAccess } from "./dict-access.ts";
import type { HydratedDict } from "./dict-handle.ts";
import type { DictPrefix } from "./dict-key.ts";
import type { PageOptions, RemoveManyOptions } from "./dict-options.ts";
import { EntryReader, leftOut } from "./read-entries.ts";
import type { ShareTime } from "./request-options.ts";
import { defaultBatchLimits, UpdateBatch } from "./update-batches.ts";

/** The values of keys, in their order. */
export async function getMany(
  access: DictAccess,
  keys: Iterable<unknown>,
  call: ShareTime,
): Promise<unknown[]> {
  checkArgument("getMany", "keys", keysKind, keys);
  const { codec } = access;
  const wanted = [...keys];
  const own = wanted.map((key) => codec.encodeKey(key));
  return access.beyondModal("getMany", call, async (dict) => {
    const values: unknown[] = new Array(wanted.length).fill(undefined);
    const read = (at: number, bytes: Uint8Array) => {
      values[at] = codec.decodeValue(bytes, { key: wanted[at] });
    };
    const others: { readonly at: number; readonly form: Uint8Array }[] = [];
    await readMany(dict, own, call, (bytes, at) => {
      if (bytes !== undefined) read(at, bytes);
      else others.push(...codec.otherForms(wanted[at]).map((form) => ({ at, form })));
    });
    const isFound = new Set<number>();
    await readMany(
      dict,
      others.map(({ form }) => form),
      call,
      (bytes, index) => {
        const { at } = others[index]!;
        if (bytes === undefined || isFound.has(at)) return;
        isFound.add(at);
        read(at, bytes);
      },
    );
    return values;
  });
}

/** Reads the values of keys, answer by answer, so that decoding them does not come all at once. */
async function readMany(
  { service, dictId }: HydratedDict,
  keys: readonly Uint8Array[],
  call: ShareTime,
  read: (bytes: Uint8Array | undefined, at: number) => void,
): Promise<void> {
  // An answer may be of fewer keys than were asked for.
  for (let at = 0; at < keys.length; ) {
    for (const bytes of await service.getMany(dictId, requestOf(keys, at), call())) read(bytes, at++);
  }
}

/** As many keys as one request may hold. */
function requestOf(keys: readonly Uint8Array[], from: number): readonly Uint8Array[] {
  const { maxEntries, maxKeyBytes } = defaultBatchLimits;
  let end = from;
  for (let bytes = 0; end < keys.length && end - from < maxEntries; end++) {
    bytes += keys[end]!.byteLength;
    if (bytes > maxKeyBytes && end > from) break;
  }
  return keys.slice(from, end);
}

/** Removes entries and resolves to how many there were, or would be. */
export async function removeMany(
  access: DictAccess,
  which: Iterable<unknown> | { readonly prefix: DictPrefix },
  { dryRun = false, ...bounds }: RemoveManyOptions,
  call: ShareTime,
): Promise<number> {
  checkArgument("removeMany", "keys", keysOrPrefix, which);
  return access.beyondModal("removeMany", call, async (dict) => {
    const remover = new Remover(dict, call, dryRun);
    if (Symbol.iterator in which) return removeKeys(access, which, remover);
    const prefix = access.codec.encodePrefix(which.prefix);
    const parts = { keys: true, values: false, match: prefix.patterns };
    for await (const batch of access.contents(parts, bounds, call)) {
      for (const { key } of batch) if (prefix.has(access.codec.decodeKey(key))) await remover.addPresent(key);
    }
    return remover.end();
  });
}

async function removeKeys(access: DictAccess, keys: Iterable<unknown>, remover: Remover): Promise<number> {
  const { codec } = access;
  for (const key of [...keys].map((each) => ({
    own: codec.encodeKey(each),
    others: codec.otherForms(each),
  }))) {
    // Of a key with several forms only the one that is found goes, as with `remove`.
    if (key.others.length === 0) await remover.add(key.own);
    else await remover.addFirstOf([key.own, ...key.others]);
  }
  return remover.end();
}

/** Gathers keys and removes them, or only counts them. */
class Remover {
  readonly #dict: HydratedDict;
  readonly #call: ShareTime;
  readonly #dryRun: boolean;
  readonly #batch = new UpdateBatch();
  /** The keys that a dry run has come upon. A removal finds a key that is given twice only once. */
  readonly #seen = new Set<string>();
  #count = 0;

  constructor(dict: HydratedDict, call: ShareTime, dryRun: boolean) {
    this.#dict = dict;
    this.#call = call;
    this.#dryRun = dryRun;
  }

  async add(key: Uint8Array): Promise<void> {
    if (this.#isSeen(key)) return;
    const full = this.#batch.add({ key, value: noValue });
    if (full !== undefined) await this.#send(full);
  }

  /** Adds a key that was just listed, about which there is nothing to ask. */
  async addPresent(key: Uint8Array): Promise<void> {
    if (this.#dryRun) this.#count += 1;
    else await this.add(key);
  }

  async addFirstOf(forms: readonly Uint8Array[]): Promise<void> {
    const { service, dictId } = this.#dict;
    for (const form of forms) {
      const one = this.#dryRun ? service.contains : service.remove;
      if (!(await one.call(service, dictId, form, this.#call())) || this.#isSeen(form)) continue;
      this.#count += 1;
      return;
    }
  }

  async end(): Promise<number> {
    const rest = this.#batch.take();
    if (rest.length > 0) await this.#send(rest);
    return this.#count;
  }

  #isSeen(key: Uint8Array): boolean {
    if (!this.#dryRun) return false;
    const { size } = this.#seen;
    return this.#seen.add(key.join()).size === size;
  }

  async #send(entries: readonly Entry[]): Promise<void> {
    const { service, dictId } = this.#dict;
    const keys = entries.map(({ key }) => key);
    if (!this.#dryRun) {
      this.#count += await service.removeMany(dictId, keys, this.#call());
      return;
    }
    for (let at = 0; at < keys.length; at += askedAtOnce) {
      const asked = keys.slice(at, at + askedAtOnce);
      const present = await Promise.all(asked.map((key) => service.contains(dictId, key, this.#call())));
      this.#count += present.filter(Boolean).length;
    }
  }
}

const noValue = new Uint8Array(0);
const askedAtOnce = 256;

const pageLimitDefault = 100;

/** What {@link Dict.page} resolves to. */
export interface DictPage<K, V> {
  /** Pairs of key and value, in an order that means nothing and stays the same. Empty only at the end. */
  readonly entries: readonly (readonly [K, V])[];
  /** What the next call takes as `after`. Undefined: these were the last. */
  readonly next: Cursor | undefined;
}

/** Some entries; asks on until there is one, or no more. */
export async function page(
  access: DictAccess,
  options: PageOptions,
  call: ShareTime,
): Promise<DictPage<unknown, unknown>> {
  const { limit = pageLimitDefault, values = true, after } = options;
  const reader = new EntryReader(access.codec, options);
  let cursor = after === undefined ? undefined : cursorBytes(after);
  return access.beyondModal("page", call, async ({ service, dictId }) => {
    for (;;) {
      const request = { match: reader.match, after: cursor, limit, values };
      const { entries, next } = await service.page(dictId, request, call());
      const read = entries.flatMap((entry): [unknown, unknown][] => {
        const key = reader.key(entry);
        const value = key === leftOut || !values ? undefined : reader.value(entry, key);
        return key === leftOut || value === leftOut ? [] : [[key, value]];
      });
      if (read.length > 0 || next === undefined) return { entries: read, next: next && cursorText(next) };
      cursor = next;
    }
  });
}
