import assert from "node:assert/strict";
import {
  type CallOptions,
  type Changed,
  type CommitOutcome,
  type ContentsParts,
  type DictInfo,
  type DictService,
  type Entry,
  type ErrorCode,
  EverdictError,
  type ExpiryPolicy,
  type KeyPattern,
  type Page,
  type PageRequest,
  type Refused,
  type Version,
} from "@everdict/protocol";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A text as bytes. */
export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Bytes as a text; absence stays absence. */
export function text(found: Uint8Array | undefined): string | undefined {
  return found === undefined ? undefined : decoder.decode(found);
}

/** An entry of two texts. */
export function entry(key: string, value: string): Entry {
  return { key: bytes(key), value: bytes(value) };
}

/** `count` entries `prefix-0` … with values `value-0` …. */
export function numberedEntries(count: number, prefix = "key"): Entry[] {
  return Array.from({ length: count }, (_, index) => entry(`${prefix}-${index}`, `value-${index}`));
}

/** What a dictionary of a case may be created with. */
export interface NewDict {
  readonly environment?: string;
  readonly data?: readonly Entry[] | undefined;
  readonly expiry?: ExpiryPolicy | undefined;
  readonly shards?: number | undefined;
}

/** Creates a dictionary that must not exist yet. */
export function createDict(service: DictService, name: string, more: NewDict = {}, options?: CallOptions) {
  return service.getOrCreateDict({ mode: "createFailIfExists", environment: "", name, ...more }, options);
}

/** Creates an ephemeral dictionary. */
export function createEphemeral(service: DictService, more: NewDict = {}, options?: CallOptions) {
  return service.getOrCreateDict({ mode: "ephemeral", environment: "", ...more }, options);
}

/** Finds a dictionary by name. */
export function lookup(service: DictService, name: string, environment = ""): Promise<DictInfo> {
  return service.getOrCreateDict({ mode: "lookup", environment, name });
}

/** A dictionary's id, created with some entries. */
export async function dictWith(service: DictService, ...data: readonly Entry[]): Promise<string> {
  return (await createDict(service, "subject", { data })).dictId;
}

/** Puts one entry, as a program does. */
export function put(service: DictService, dictId: string, key: string, value: string): Promise<void> {
  return service.update(dictId, [entry(key, value)]);
}

/** Puts one entry if none is there. */
export function putIfNew(
  service: DictService,
  dictId: string,
  key: string,
  value: string,
  options?: CallOptions,
): Promise<boolean> {
  return service.putIfAbsent(dictId, bytes(key), bytes(value), options);
}

/** The value of a key as text. */
export async function getText(
  service: DictService,
  dictId: string,
  key: string,
): Promise<string | undefined> {
  return text(await service.get(dictId, bytes(key)));
}

/** Removes a key and answers its value as text. */
export async function popText(service: DictService, dictId: string, key: string, options?: CallOptions) {
  return text(await service.pop(dictId, bytes(key), options));
}

/** All entries of a dictionary, in the order of the stream. */
export async function collect(
  service: DictService,
  dictId: string,
  parts: ContentsParts = { keys: true, values: true },
): Promise<Entry[]> {
  const collected: Entry[] = [];
  for await (const batch of service.contents(dictId, parts)) collected.push(...batch);
  return collected;
}

/** All keys of a dictionary as sorted texts. */
export async function sortedKeys(service: DictService, dictId: string): Promise<string[]> {
  const entries = await collect(service, dictId, { keys: true, values: false });
  return entries.map(({ key }) => text(key)!).sort();
}

/** Checks that a call is refused with a code, and that the message says something. */
export async function rejectsWith(
  code: ErrorCode,
  call: () => PromiseLike<unknown>,
  message?: RegExp,
): Promise<void> {
  let answer: unknown;
  try {
    answer = await call();
  } catch (caught) {
    assert.ok(caught instanceof EverdictError, `expected ${code}, caught ${String(caught)}`);
    assert.equal(caught.code, code, `expected ${code}, caught ${caught.code}: ${caught.message}`);
    assert.notEqual(caught.message, "", "every error has a message (protocol section 0.4)");
    if (message !== undefined) assert.match(caught.message, message);
    return;
  }
  assert.fail(`expected ${code}, but the call answered ${String(answer)}`);
}

/** A whole number from 0 to 255 as CPython pickles it. */
export function int(value: number): Uint8Array {
  return Uint8Array.of(0x80, 4, 0x4b, value, 0x2e);
}

/** Bytes whose class does not matter in a comparison: over a wire they may be a `Buffer`. */
export function plain(found: Uint8Array | undefined): Uint8Array | undefined {
  return found && Uint8Array.from(found);
}

/** What became of the changes of a commit that must have been made. */
export function committed(outcome: CommitOutcome): readonly Changed[] {
  assert.ok(outcome.committed, `refused: ${JSON.stringify(outcome)}`);
  return outcome.results;
}

/** What refused a commit that must have been refused. */
export function refused(outcome: CommitOutcome): Refused {
  assert.ok(!outcome.committed, "everything was changed");
  return outcome;
}

/** The version of an entry that must be there. */
export async function versionOf(service: DictService, dictId: string, key: string): Promise<Version> {
  const found = await service.entry(dictId, bytes(key));
  assert.ok(found, `${key} is not there`);
  assert.match(found.version, /^[0-9a-f]{16}$/);
  return found.version;
}

/** Matches keys that begin so. */
export function prefix(begin: string): KeyPattern {
  return [{ offset: 0, bytes: bytes(begin) }];
}

/** All pages, one after the other. */
export async function allPages(
  service: DictService,
  dictId: string,
  request: Omit<PageRequest, "after">,
): Promise<Page[]> {
  const pages: Page[] = [];
  let after: Uint8Array | undefined;
  do {
    const page: Page = await service.page(dictId, { ...request, after });
    assert.ok(page.entries.length <= request.limit);
    pages.push(page);
    after = page.next;
  } while (after !== undefined);
  return pages;
}
