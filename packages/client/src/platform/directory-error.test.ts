// A directory that cannot be opened: what a program catches, whatever is wrong with the place.
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mountSmallDisk, smallDisksAreSetUp } from "@everdict/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client, Dict, EverdictError } from "../index.ts";
import { directoryError } from "./directory-error.ts";

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
let base: string;
const at = (name: string): string => join(base, name);

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "everdict-places-"));
});
afterEach(() => {
  if (isRoot) process.seteuid?.(0);
  rmSync(base, { recursive: true, force: true });
});

async function put(directory: string): Promise<unknown> {
  const client = Client.connect({ url: `file:${directory}` });
  try {
    return await Dict.fromName<string, number>("d", { client, createIfMissing: true }).put("a", 1);
  } catch (error) {
    return error;
  } finally {
    await client.close();
  }
}

/** What is wrong, how it is brought about (answering the place), and the error. */
const ways: [string, () => string | Promise<string>, string, RegExp][] = [
  [
    "a file in its place",
    () => {
      writeFileSync(at("file"), "x");
      return at("file");
    },
    "invalid_argument",
    /there is a file of this name, not a directory/,
  ],
  [
    "a file on the way",
    () => {
      writeFileSync(at("file"), "x");
      return at("file/data");
    },
    "invalid_argument",
    /a part of the path is a file/,
  ],
  [
    "a name that is too long",
    () => at("x".repeat(300)),
    "invalid_argument",
    /longer than the file system takes/,
  ],
  [
    "a path that is too long",
    () => at("x/".repeat(3000)),
    "invalid_argument",
    /longer than the file system takes/,
  ],
  [
    "a link to itself",
    () => {
      symlinkSync(at("one"), at("two"));
      symlinkSync(at("two"), at("one"));
      return at("one/data");
    },
    "invalid_argument",
    /a symbolic link in the path leads back to itself/,
  ],
  [
    "no permission to make it",
    () => {
      mkdirSync(at("private"), { mode: 0o500 });
      if (isRoot) process.seteuid?.(nobody);
      return at("private/data");
    },
    "permission_denied",
    /this user may not use it/,
  ],
  [
    "no permission to write in it",
    () => {
      mkdirSync(at("private"), { mode: 0o500 });
      chmodSync(base, 0o755);
      if (isRoot) {
        chownSync(at("private"), nobody, nobody);
        process.seteuid?.(nobody);
      }
      return at("private");
    },
    "permission_denied",
    /this user may not use it/,
  ],
  [
    "damage",
    async () => {
      await filled();
      const path = segment();
      writeFileSync(path, readFileSync(path).subarray(0, 200));
      return at("data");
    },
    "data_loss",
    /, in .*data\. `everdict doctor .*data` says what is left/,
  ],
  [
    "a newer version's files",
    async () => {
      await filled();
      const path = segment();
      const bytes = readFileSync(path);
      bytes.writeUInt32LE(99, 8);
      bytes.writeUInt32LE(crc32c(bytes.subarray(0, 28)), 28);
      writeFileSync(path, bytes);
      return at("data");
    },
    "conflict",
    /newer program/,
  ],
];

async function filled(): Promise<void> {
  expect(await put(at("data"))).toBe(true);
}

function segment(): string {
  return join(at("data"), readdirSync(at("data")).find((name) => name.endsWith(".segment"))!);
}

/** The checksum of a segment's header. */
function crc32c(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0x82f63b78 : 0);
  }
  return ~sum >>> 0;
}

describe("a directory that cannot be opened is a typed error", () => {
  test.each(ways)("%s", async (_title, arrange, code, message) => {
    chmodSync(base, 0o755);
    const error = await put(await arrange());
    expect(error).toBeInstanceOf(EverdictError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect((error as Error).message.length).toBeLessThan(600);
  });

  test.runIf(smallDisksAreSetUp())("a full disk", async () => {
    using disk = mountSmallDisk(1024 * 1024);
    disk.occupy();
    const error = await put(join(disk.path, "data"));
    expect(error).toMatchObject({ code: "store_full" });
  });

  test.each([
    ["EROFS", "permission_denied", "its file system is read-only"],
    ["EMFILE", "unavailable", "ulimit -n"],
    ["EIO", "data_loss", "its disk fails"],
    ["EBUSY", "unavailable", "what the system says"],
  ])("%s", (errno, code, words) => {
    const cause = Object.assign(new Error("what the system says"), { code: errno, syscall: "open" });
    const error = directoryError(cause, "/srv/data");
    expect(error).toMatchObject({ code, cause, message: expect.stringContaining(words) });
    expect(error.message).toContain("the data directory /srv/data cannot be used");
  });

  test("a defect stays one", () => {
    expect(directoryError(new TypeError("x is not a function"), "/srv/data").code).toBe("internal");
  });
});
