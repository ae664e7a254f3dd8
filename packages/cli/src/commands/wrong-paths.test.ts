/** Paths that cannot be meant: every command says what is wrong with them, with status 2, and leaves nothing behind. */

import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "@everdict/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runInProcess } from "../../test-support/run-in-process.ts";

let base: TemporaryDirectory;
const at = (name: string): string => join(base.path, name);
const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  base = temporaryDirectory();
  mkdirSync(at("directory"));
  mkdirSync(at("full"));
  writeFileSync(join(at("full"), "notes"), "mine");
  writeFileSync(at("file"), "no JSON, no certificate, no backup\n");
  writeFileSync(at("closed"), "secret");
  chmodSync(at("closed"), 0o000);
  expect((await run("dict", "create", "d", "--url", `file:${at("data")}`)).status).toBe(0);
  expect((await run("backup", at("data"), at("good.backup"))).status).toBe(0);
});
afterAll(() => base[Symbol.dispose]());

const run = (...argv: string[]) => runInProcess(argv);

/** Kinds of paths, by what a test calls them. */
const paths: Readonly<Record<string, () => string>> = {
  missing: () => at("missing"),
  "below a missing directory": () => at("missing/below"),
  "a file": () => at("file"),
  "below a file": () => at("file/below"),
  "an empty directory": () => at("directory"),
  "a directory with something in it": () => at("full"),
  "a file that may not be read": () => at("closed"),
  "an empty text": () => "",
  "-": () => "-",
  "a name that is too long": () => at("n".repeat(300)),
};

const alwaysWrong = ["below a file", "an empty text", "a name that is too long"];
const noDirectory = [...alwaysWrong, "missing", "below a missing directory", "a file", "-"];
const noNewDirectory = [...alwaysWrong, "a file", "a directory with something in it", "-"];
const noFile = [
  ...alwaysWrong,
  "missing",
  "below a missing directory",
  "an empty directory",
  ...(isRoot ? [] : ["a file that may not be read"]),
];

/** Each argument and option that is a path, with what is wrong for it. */
const places: readonly (readonly [string, (path: string) => string[], readonly string[]])[] = [
  ["backup from", (path) => ["backup", path, at("new")], [...noDirectory, "an empty directory"]],
  [
    "backup to",
    (path) => ["backup", at("data"), path],
    [...noNewDirectory, "an empty directory", "below a missing directory"],
  ],
  ["doctor", (path) => ["doctor", path], noDirectory],
  ["salvage from", (path) => ["doctor", "--salvage", path, at("new")], noDirectory],
  ["salvage to", (path) => ["doctor", "--salvage", at("data"), path], noNewDirectory],
  ["restore from", (path) => ["restore", path, at("new")], [...noFile, "a file", "-"]],
  ["restore to", (path) => ["restore", at("good.backup"), path], noNewDirectory],
  ["token list on", (path) => ["token", "list", "--data-dir", path], noDirectory],
  [
    "token create on",
    (path) => ["token", "create", "me", "--data-dir", path],
    ["a file", ...alwaysWrong, "-"],
  ],
  ["update from", (path) => ["dict", "update", "d", "--create", "--url", "memory:", "--file", path], noFile],
  [
    "update of lines from",
    (path) => ["dict", "update", "d", "--create", "--url", "memory:", "--lines", "--file", path],
    noFile,
  ],
  [
    "put of bytes from",
    (path) => ["dict", "put", "d", "k", path, "--bytes", "--create", "--url", "memory:"],
    noFile,
  ],
  [
    "serve with a certificate in",
    (path) => ["serve", "--memory", "--port", "0", "--tls-cert", path, "--tls-key", path],
    [...noFile, "a file", "-"],
  ],
  ["an engine on", (path) => ["dict", "list", "--url", `file:${path}`], ["a file", ...alwaysWrong]],
];

test.each(
  places.flatMap(([place, argv, wrong]) => [...new Set(wrong)].map((kind) => [place, kind, argv] as const)),
)("%s %s is refused", async (_place, kind, argv) => {
  const before = readdirSync(base.path);
  const { status, stdout, stderr } = await run(...argv(paths[kind]!()));
  expect({ status, stdout }, stderr).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^error: (?!unexpected).+\n(hint: .+\n)?$/);
  // What a system says in its own words is not what a person should read.
  expect(stderr).not.toMatch(/\bE[A-Z]{4,}\b/);
  expect(readdirSync(base.path)).toEqual(before);
  expect(readdirSync(at("directory"))).toEqual([]);
});
