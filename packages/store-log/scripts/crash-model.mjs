// What clients of the crash test do, and what a store may hold after a crash, from what its clients were told.
//
// Every client is sequential, so when the process dies at most one of its operations is under way. What was answered is
// there, whatever the durability of its dictionary, and what was under way happened as a whole or not at all.
import { createHash } from "node:crypto";
import { seededRandom } from "@everdict/store/seeded-random";

export const clientCount = 24;
export const environmentId = "en-crash";
export const sharedDictId = "di-shared";
// Small, so that segments are sealed and compacted all the time and most values come from the log.
export const storeOptions = { segmentMaxBytes: 128 * 1024, valueCacheMaxBytes: 64 * 1024 };

const modes = ["sync", "everysec", "memory"];

export const ownDictName = (client) => `own-${client}`;
export const keyOf = (client, index) => Buffer.from(`key-${client}-${index}`);

/** Accounts of a client, between which amounts are moved. They have 0 together. */
export const accountKeyOf = (client, index) => Buffer.from(`key-${client}-account${index}`);
export const accountCount = 3;
const accountPattern = /^key-\d+-account/;

/** A commit that moves an amount from one account to another. */
export function transferRequest(client, { from, to, amount }) {
  const change = (index, by) => ({ kind: "add", key: accountKeyOf(client, index), by: pickleOf(by) });
  return { conditions: [], changes: [change(from, -amount), change(to, amount)] };
}

/** What is told of a transfer: what the two accounts have then. */
export function transferAnswer({ results }) {
  return results.map(({ value }) => numberOf(value));
}

/** An entry's value as a text; of an account the number. */
export function textOf(key, value) {
  return accountPattern.test(key) ? String(numberOf(value)) : Buffer.from(value).toString();
}

/** Whether the accounts among the entries of a client have 0 together. */
export function isBalanced(entries) {
  const accounts = [...entries].filter(([key]) => accountPattern.test(key));
  return accounts.reduce((sum, [, amount]) => sum + Number(amount), 0) === 0;
}

/** As CPython pickles an int of four bytes. */
function pickleOf(number) {
  const bytes = Buffer.from("80044a000000002e", "hex");
  bytes.writeInt32LE(number, 3);
  return bytes;
}

function numberOf(value) {
  const bytes = Buffer.from(value);
  // With a frame or without.
  const start = bytes[2] === 0x95 ? 11 : 2;
  const length = bytes.length - start - 2;
  return length === 4 ? bytes.readInt32LE(start + 1) : bytes.readUIntLE(start + 1, length);
}

/** How durable a dictionary is. `mixed`: what is shared is `sync`, the clients' own are of all kinds. */
export function durabilityOf(durability, { shared, client }) {
  if (durability !== "mixed") return durability;
  return shared ? "sync" : modes[client % modes.length];
}

/** A value that says who wrote it, for which key, and how long it is. */
export function entryValue({ stamp, length }, index) {
  const head = `${stamp}/${index}/${length}/`;
  return Buffer.from(head + "x".repeat(length));
}

/** The values of an update are shorter. */
export function updateValue(value) {
  return { ...value, length: Math.min(value.length, 300) };
}

/** What is told of a popped value. */
export const valueText = (value) =>
  value === undefined ? null : Buffer.from(value).toString("latin1", 0, 60);

/** Numbers in [0, 1) from a text. */
export function random(seed) {
  const random = seededRandom(createHash("sha256").update(seed).digest().readUInt32LE(0));
  return () => random.next();
}

/** What one client's entries are: those in the shared dictionary, and its own dictionary if there is one. */
export function emptyState() {
  return { shared: new Map(), own: undefined };
}

/**
 * A client's state while its operations are done again, and by how many keys it differs from what was found: so
 * that every state it went through is compared, at the cost of what each operation touches.
 */
export class Replay {
  #parts;
  #found;
  #differences = 0;
  /** How often something changed. */
  changes = 0;

  constructor(state, found) {
    this.#found = { shared: found.shared, own: found.own ?? new Map(), hasOwn: found.own !== undefined };
    this.#parts = { shared: new Map(), own: new Map(), hasOwn: false };
    this.#differences = this.#found.shared.size + this.#found.own.size + (this.#found.hasOwn ? 1 : 0);
    for (const [key, value] of state.shared) this.#set("shared", key, value);
    if (state.own === undefined) return;
    this.#setOwn(true);
    for (const [key, value] of state.own) this.#set("own", key, value);
  }

  get isAsFound() {
    return this.#differences === 0;
  }

  /** Does an operation, and says what it answers. */
  apply(client, operation) {
    if (operation.do === "delete") return this.#setOwn(false);
    if (operation.do === "create") return this.#create();
    const part = operation.shared ? "shared" : "own";
    if (part === "own" && !this.#parts.hasOwn) return "none";
    const text = (index) => keyOf(client, index).toString();
    const { index } = operation;
    switch (operation.do) {
      case "put":
        this.#set(part, text(index), entryValue(operation.value, index).toString());
        return undefined;
      case "putIfAbsent":
        if (this.#parts[part].has(text(index))) return false;
        this.#set(part, text(index), entryValue(operation.value, index).toString());
        return true;
      case "pop": {
        const value = this.#parts[part].get(text(index));
        this.#set(part, text(index), undefined);
        return value === undefined ? null : value.slice(0, 60);
      }
      case "update":
        for (let each = operation.from; each < operation.from + operation.count; each++) {
          this.#set(part, text(each), entryValue(updateValue(operation.value), each).toString());
        }
        return undefined;
      case "transfer": {
        const accounts = [operation.from, operation.to].map((each) => accountKeyOf(client, each).toString());
        const [from, to] = accounts.map((key) => Number(this.#parts[part].get(key) ?? 0));
        const amounts = [from - operation.amount, to + operation.amount];
        for (const [each, key] of accounts.entries()) this.#set(part, key, String(amounts[each]));
        return amounts;
      }
      case "clear":
        for (const key of [...this.#parts[part].keys()]) this.#set(part, key, undefined);
        return undefined;
    }
    throw new Error(`no such operation: ${operation.do}`);
  }

  /** How the state differs from what was found, for people. */
  describe() {
    const { shared, own, hasOwn } = this.#parts;
    const lines = [];
    if (hasOwn !== this.#found.hasOwn) lines.push(`own dictionary: ${hasOwn}, found ${this.#found.hasOwn}`);
    for (const [part, wanted] of [
      ["shared", shared],
      ["own", own],
    ]) {
      for (const key of new Set([...wanted.keys(), ...this.#found[part].keys()])) {
        const [one, two] = [wanted.get(key)?.slice(0, 40), this.#found[part].get(key)?.slice(0, 40)];
        if (wanted.get(key) !== this.#found[part].get(key))
          lines.push(`${part} ${key}: ${one}, found ${two}`);
      }
    }
    return lines.slice(0, 10).join("\n");
  }

  #create() {
    this.#setOwn(true);
    return true;
  }

  #setOwn(hasOwn) {
    if (!hasOwn) for (const key of [...this.#parts.own.keys()]) this.#set("own", key, undefined);
    if (hasOwn === this.#parts.hasOwn) return;
    this.changes++;
    this.#parts.hasOwn = hasOwn;
    this.#differences += hasOwn === this.#found.hasOwn ? -1 : 1;
  }

  #set(part, key, value) {
    const map = this.#parts[part];
    const found = this.#found[part].get(key);
    const differed = map.get(key) !== found;
    if (map.get(key) !== value) this.changes++;
    if (value === undefined) map.delete(key);
    else map.set(key, value);
    this.#differences += Number(value !== found) - Number(differed);
  }
}
