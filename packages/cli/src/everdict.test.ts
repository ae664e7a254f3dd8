/**
 * The built program against a running server, as a user meets both: what each command prints, on which stream, and
 * with which status it exits.
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeKey, PyDecimal, PyNdArray, PyObject } from "@everdict/pickle";
import {
  type EverdictProcess,
  startEverdict,
  type TemporaryDirectory,
  temporaryDirectory,
  waitUntil,
} from "@everdict/testkit";
import { Client, Dict, type DictKey } from "everdict";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  buildEverdict,
  everdictProgram,
  type Finished,
  type RunOptions,
  runEverdict,
} from "../test-support/run-everdict.ts";
import { runInProcess } from "../test-support/run-in-process.ts";

// Many processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let server: EverdictProcess;
let directory: TemporaryDirectory;
let client: Client;

beforeAll(async () => {
  await buildEverdict();
  server = await startEverdict();
  directory = temporaryDirectory();
  client = Client.connect({ url: server.url, ...server.token });
  for (const [name, value] of Object.entries({ ...server.env, EVERDICT_URL: server.url }))
    vi.stubEnv(name, value);
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await client?.close();
  await server?.[Symbol.asyncDispose]();
  directory?.[Symbol.dispose]();
});

const spawned = new Set<string>();

/**
 * Runs a command connected to the server: as a process where it needs an environment or a terminal of its own and
 * where its kind, with or without `--json`, was not run as one before; else, ten times as fast, in this process.
 */
function everdict(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { env, terminalColumns, stdin } = options;
  const kind = `${args[0]} ${args[1]} ${args.includes("--json")}`;
  const needsProcess = env !== undefined || terminalColumns !== undefined || !spawned.has(kind);
  if (!needsProcess) return runInProcess(args, { variables: process.env, stdin });
  spawned.add(kind);
  return runEverdict(args, { ...options, env: { ...server.env, EVERDICT_URL: server.url, ...env } });
}

const said = (stdout: string): Finished => ({ status: 0, stdout, stderr: "" });

/** A dict of its own for a test, with content. */
async function dictWith(name: string, entries: Iterable<readonly [DictKey, unknown]>): Promise<Dict> {
  const dict = Dict.fromName(name, { client, createIfMissing: true });
  await dict.update(entries);
  return dict;
}

describe.concurrent("dict create, list, delete", () => {
  test("create says whether it created, and is no failure if not", async () => {
    expect(await everdict(["dict", "create", "c1"])).toEqual(said("Created dict 'c1'.\n"));
    expect(await everdict(["dict", "create", "c1"])).toEqual(said("Dict 'c1' exists already.\n"));
    expect(await everdict(["dict", "create", "c1", "--json"])).toEqual(
      said('{\n  "name": "c1",\n  "created": false\n}\n'),
    );
    const failed = await everdict(["dict", "create", "c1", "--fail-if-exists", "--json"]);
    expect({ ...failed, stderr: JSON.parse(failed.stderr) }).toMatchObject({
      status: 1,
      stdout: "",
      stderr: { error: { code: "dict_exists" } },
    });
  });

  test("create takes an expiry policy that the server then applies", async () => {
    await everdict(["dict", "create", "short-lived", "--expiry", "1ms-after-write"]);
    await everdict(["dict", "put", "short-lived", "k", "v"]);
    expect(await everdict(["dict", "contains", "short-lived", "k"])).toEqual({
      status: 1,
      stdout: "false\n",
      stderr: "",
    });
  });

  test("list shows name, time and creator, as a table or as JSON", async () => {
    await client.environments.create("listing");
    const env = { MODAL_ENVIRONMENT: "listing" };
    await everdict(["dict", "create", "l1"], { env });
    await everdict(["dict", "create", "l2", "-e", "listing"]);
    const table = await everdict(["dict", "list"], { env });
    expect(table.stdout).toMatch(
      /^Name {2}Created at {18}Created by\nl2 {4}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+00:00 {2}\S+\nl1 {4}.*\n$/,
    );
    const rows: unknown = JSON.parse(
      (await everdict(["dict", "list", "--json", "--max", "1"], { env })).stdout,
    );
    expect(rows).toEqual([
      {
        name: "l2",
        dict_id: expect.stringMatching(/^di-[0-9A-Za-z]{22}$/),
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        created_by: expect.any(String),
      },
    ]);
  });

  test("delete removes, and says what is not there", async () => {
    await everdict(["dict", "create", "d1"]);
    expect(await everdict(["dict", "delete", "d1", "--yes"])).toEqual(said("Deleted dict 'd1'.\n"));
    const again = await everdict(["dict", "delete", "d1", "--yes"]);
    expect(again).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^error: Dict 'd1' not found/),
    });
    const allowed = await everdict(["dict", "delete", "d1", "--yes", "--allow-missing", "--json"]);
    expect(JSON.parse(allowed.stdout)).toEqual({ name: "d1", deleted: false });
    expect(allowed.status).toBe(0);
  });
});

describe.concurrent("dict get, put, pop, contains, len", () => {
  test("a string goes in and comes out as it is", async () => {
    expect(await everdict(["dict", "put", "s", "k", "1.10", "--create"])).toEqual(said("Written.\n"));
    expect(await everdict(["dict", "get", "s", "k"])).toEqual(said("1.10\n"));
    expect(await everdict(["dict", "get", "s", "k", "--json"])).toEqual(said('"1.10"\n'));
    expect(await Dict.fromName("s", { client }).get("k")).toBe("1.10");
  });

  test.each([
    [["put", "k", "v"], "add --create to make it"],
    [["update", "k=v"], "add --create to make it"],
    [["get", "k"], "`everdict dict list` shows those there are"],
    [["len"], "`everdict dict list` shows those there are"],
  ])("a dict that is not there: %j says what to do", async ([command = "", ...rest], hint) => {
    expect(await everdict(["dict", command, "not-there", ...rest])).toEqual({
      status: 1,
      stdout: "",
      stderr: `error: Dict 'not-there' not found in environment 'main'\nhint: ${hint}\n`,
    });
  });

  test("put reads standard input, trimming nothing", async () => {
    await everdict(["dict", "put", "stdin", "k", "-", "--create"], { stdin: " two\nlines\n" });
    expect(await everdict(["dict", "get", "stdin", "k"])).toEqual(said(" two\nlines\n\n"));
    await everdict(["dict", "put", "stdin", "k", "-", "--value-json"], { stdin: '{"a": [1, 2.0]}\n' });
    expect(await everdict(["dict", "get", "stdin", "k", "--json"])).toEqual(said('{"a":[1,2.0]}\n'));
  });

  test("put leaves out a byte-order mark, and refuses text that is none", async () => {
    await everdict(["dict", "put", "marked", "k", "-", "--create"], { stdin: "\ufefftext" });
    expect(await everdict(["dict", "get", "marked", "k"])).toEqual(said("text\n"));
    expect(await everdict(["dict", "put", "marked", "k", "-"], { stdin: Uint8Array.of(0xff) })).toEqual({
      status: 2,
      stdout: "",
      stderr:
        "error: standard input is not UTF-8 text\nhint: save it as UTF-8, or store it as it is with --bytes\n",
    });
  });

  test("bytes go in from a file or standard input, and come out as they are", async () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => index);
    const path = join(directory.path, "bytes");
    writeFileSync(path, bytes);
    await everdict(["dict", "put", "bytes", "file", path, "--bytes", "--create"]);
    await everdict(["dict", "put", "bytes", "input", "-", "--bytes"], { stdin: bytes });
    await everdict(["dict", "update", "bytes", `pair=${path}`, "--bytes"]);
    const dict = await dictWith("bytes", [["array", Uint8Array.of(104, 105).buffer]]);
    const get = (...args: string[]) => everdict(["dict", "get", "bytes", ...args, "--bytes"]);
    const out = join(directory.path, "out");
    const env = { PATH: process.env.PATH ?? "", ...server.env };
    for (const key of ["file", "input", "pair"]) {
      expect(await dict.get(key)).toEqual(bytes);
      const command = `'${process.execPath}' '${everdictProgram}' dict get bytes ${key} --bytes > '${out}'`;
      execFileSync("sh", ["-c", command], { env });
      expect(readFileSync(out)).toEqual(Buffer.from(bytes));
    }
    expect(await get("array")).toEqual(said("hi"));
    expect(await get("absent", "--default", "none")).toEqual(said("none"));
    expect(await get("absent")).toMatchObject({ status: 1, stderr: "error: the key is absent\n" });
  });

  test.each<[unknown, string]>([
    ["text", "str"],
    [1.5, "float"],
    [null, "NoneType"],
    [[1], "list"],
    [new Map([[1, 2]]), "dict"],
    [new PyDecimal("1.5"), "decimal.Decimal"],
  ])("get --bytes refuses %o and says what it is", async (value, name) => {
    await dictWith("no-bytes", [[name, value]]);
    expect(await everdict(["dict", "get", "no-bytes", name, "--bytes"])).toEqual({
      status: 2,
      stdout: "",
      stderr: `error: the value is no bytes, its class is ${name}\nhint: leave out --bytes to print it\n`,
    });
  });

  test("get --bytes writes none to a terminal", async () => {
    const shown = await everdict(["dict", "get", "d", "k", "--bytes"], { terminalColumns: 80 });
    expect(shown).toMatchObject({
      status: 2,
      stdout: expect.stringMatching(/^error: bytes are not written/),
    });
  });

  test("keys of other types are their own keys", async () => {
    await dictWith("keys-of-types", [
      [1, "int"],
      ["1", "text"],
      [["a", 1], "tuple"],
    ]);
    expect(await everdict(["dict", "get", "keys-of-types", "1"])).toEqual(said("text\n"));
    expect(await everdict(["dict", "get", "keys-of-types", "1", "--key-json"])).toEqual(said("int\n"));
    expect(await everdict(["dict", "get", "keys-of-types", '["a", 1]', "--key-json"])).toEqual(
      said("tuple\n"),
    );
    expect(await everdict(["dict", "get", "keys-of-types", "1.0", "--key-json"])).toMatchObject({
      status: 1,
    });
  });

  test("put --if-absent writes once, and the status says so", async () => {
    const put = ["dict", "put", "once", "k", "v", "--create", "--if-absent"];
    expect(await everdict(put)).toEqual(said("Written.\n"));
    expect(await everdict(put)).toEqual({
      status: 1,
      stdout: "Not written: the key exists already.\n",
      stderr: "",
    });
    expect(await everdict([...put, "--json"])).toEqual({
      status: 1,
      stdout: '{\n  "written": false\n}\n',
      stderr: "",
    });
  });

  test("an absent key is told on stderr and by status 1, unless there is a default", async () => {
    await dictWith("absent", []);
    for (const command of ["get", "pop"]) {
      expect(await everdict(["dict", command, "absent", "k"])).toEqual({
        status: 1,
        stdout: "",
        stderr: "error: the key is absent\n",
      });
    }
    const json = await everdict(["dict", "get", "absent", "k", "--json"]);
    expect(JSON.parse(json.stderr)).toEqual({
      error: { code: "key_not_found", message: "the key is absent" },
    });
    expect(await everdict(["dict", "pop", "absent", "k", "--default", "none"])).toEqual(said("none\n"));
  });

  test("pop removes, contains and len tell", async () => {
    await dictWith("popping", [["k", { a: 1 }]]);
    expect(await everdict(["dict", "contains", "popping", "k"])).toEqual(said("true\n"));
    expect(await everdict(["dict", "len", "popping", "--json"])).toEqual(said("1\n"));
    expect(await everdict(["dict", "pop", "popping", "k"])).toEqual(said('{"a": 1}\n'));
    expect(await everdict(["dict", "len", "popping"])).toEqual(said("0\n"));
    expect(await everdict(["dict", "contains", "popping", "k", "--json"])).toEqual({
      status: 1,
      stdout: "false\n",
      stderr: "",
    });
  });

  test("remove says whether the key was there", async () => {
    await dictWith("removing", [["k", 1]]);
    expect(await everdict(["dict", "remove", "removing", "k"])).toEqual(said("true\n"));
    expect(await everdict(["dict", "remove", "removing", "k", "--json"])).toEqual({
      status: 1,
      stdout: "false\n",
      stderr: "",
    });
  });

  test("a value that cannot be decoded is shown as such, and hides no other", async () => {
    const dict = await dictWith("broken", [["fine", 1]]);
    const service = await client.service();
    const entries = [
      { key: encodeKey("bad"), value: Uint8Array.of(0x80, 0x04, 0xff) },
      { key: Uint8Array.of(0xff), value: Uint8Array.of(0x4e, 0x2e) },
    ];
    await service.update(dict.objectId, entries);
    const get = await everdict(["dict", "get", "broken", "bad"]);
    expect(get).toMatchObject({ status: 5, stdout: expect.stringMatching(/^<undecodable, 3 bytes: .+>\n$/) });
    const items = await everdict(["dict", "items", "broken", "--json"]);
    expect(items.status).toBe(0);
    expect(JSON.parse(items.stdout)).toEqual(
      expect.arrayContaining([
        { key: "fine", value: 1 },
        { key: "bad", value: { $undecodable: { message: expect.any(String), bytes: "gAT/" } } },
        {
          key: { $key: { text: expect.stringMatching(/^<undecodable, 1 bytes/), hex: "ff" } },
          value: null,
        },
      ]),
    );
    // It is gone from the server after a pop, so it has to be shown.
    const pop = await everdict(["dict", "pop", "broken", "bad", "--json"]);
    expect(JSON.parse(pop.stdout)).toMatchObject({ $undecodable: { bytes: "gAT/" } });
    expect(pop.status).toBe(5);
  });
});

describe.concurrent("dict items, keys, update, clear", () => {
  test("items prints everything readably, and JSON that update reads back", async () => {
    const entries = new Map<DictKey, unknown>([
      ["text", 'x"\n'],
      ["bytes", Uint8Array.of(0, 65)],
      [["t", 2], new Map([[1, new Set([2n ** 70n])]])],
      ["when", new Date("2024-01-02T03:04:05.678Z")],
    ]);
    const dict = await dictWith("mixed", entries);
    await dict.put("self", dict);
    const items = await everdict(["dict", "items", "mixed"]);
    const [heading, ...lines] = items.stdout.trimEnd().split("\n");
    expect(heading).toMatch(/^Key +Value$/);
    expect(lines.map((line) => line.replace(/ {2,}/, " = ")).sort()).toEqual([
      '("t", 2) = {1: {1180591620717411303424}}',
      'bytes = b"\\x00A"',
      `self = <Dict ${dict.objectId}>`,
      'text = "x\\"\\n"',
      "when = 2024-01-02T03:04:05.678Z",
    ]);
    await dict.pop("self");
    const json = await everdict(["dict", "items", "mixed", "--json"]);
    expect(
      await everdict(["dict", "update", "copy", "--create", "--file", "-"], { stdin: json.stdout }),
    ).toEqual(said("Wrote 4 entries.\n"));
    const copy = new Map<unknown, unknown>();
    for await (const [key, value] of Dict.fromName("copy", { client })) copy.set(JSON.stringify(key), value);
    expect(copy).toEqual(new Map([...entries].map(([key, value]) => [JSON.stringify(key), value])));
  });

  test("a copy by items and update keeps every kind of value", async () => {
    const kinds: Record<string, unknown> = {
      tuple: Object.freeze([1, Object.freeze(["a"])]),
      frozenset: Object.freeze(new Set([1])),
      decimal: [new PyDecimal("1.50")],
      class: new PyObject({ module: "shapes", name: "Point", construction: "new", state: { x: 1 } }),
      array: new PyNdArray(Float32Array.of(1, 2), [2], "float32"),
    };
    const dict = await dictWith("kinds", Object.entries(kinds));
    await dict.put("handle", dict);
    const json = await everdict(["dict", "items", "kinds", "--json"]);
    const update = ["dict", "update", "kinds-copy", "--create", "--file", "-"];
    expect(await everdict(update, { stdin: json.stdout })).toEqual(said("Wrote 6 entries.\n"));
    const service = await client.service();
    const copy = await dictWith("kinds-copy", []);
    for (const key of [...Object.keys(kinds), "handle"]) {
      const value = await service.get(copy.objectId, encodeKey(key));
      expect(value, key).toEqual(await service.get(dict.objectId, encodeKey(key)));
    }
  });

  test("keys prints one a line; a count limits both", async () => {
    await dictWith(
      "many",
      Array.from({ length: 30 }, (_, index) => [index, index]),
    );
    const keys = await everdict(["dict", "keys", "many"]);
    expect(
      keys.stdout
        .trimEnd()
        .split("\n")
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual([...Array(30).keys()]);
    expect(JSON.parse((await everdict(["dict", "keys", "many", "7", "--json"])).stdout)).toHaveLength(7);
    expect((await everdict(["dict", "items", "many", "3"])).stdout.trimEnd().split("\n")).toHaveLength(4);
    const shown = (await everdict(["dict", "keys", "many"], { terminalColumns: 80 })).stdout
      .trimEnd()
      .split("\r\n");
    expect(shown).toHaveLength(21);
    expect(shown[20]).toBe("…");
  });

  test("a terminal gets cut lines and escaped controls, a pipe gets all of it", async () => {
    await dictWith("wide", [["k", `\u001b[31m${"x".repeat(200)}`]]);
    const shown = (await everdict(["dict", "items", "wide"], { terminalColumns: 40 })).stdout.split("\r\n");
    expect(shown[1]).toMatch(/^k +"\\u001b\[31mx+…$/);
    expect(shown[1]).toHaveLength(40);
    const get = await everdict(["dict", "get", "wide", "k"], { terminalColumns: 40 });
    expect(get.stdout).toMatch(/^\\x1b\[31mx{200}\r\n$/);
    expect((await everdict(["dict", "get", "wide", "k"])).stdout).toBe(`\u001b[31m${"x".repeat(200)}\n`);
  });

  test("update takes arguments, files and JSON lines", async () => {
    const path = join(directory.path, "entries.jsonl");
    writeFileSync(path, Array.from({ length: 12_000 }, (_, index) => `["${index}", ${index}]\n`).join(""));
    expect(await everdict(["dict", "update", "u", "--create", "a=1", "b=x=y"])).toEqual(
      said("Wrote 2 entries.\n"),
    );
    expect(await everdict(["dict", "update", "u", "--value-json", "a=[1]", "--json"])).toEqual(
      said('{\n  "written": 1\n}\n'),
    );
    expect(await everdict(["dict", "update", "u", "--file", path, "--lines"])).toEqual(
      said("Wrote 12000 entries.\n"),
    );
    const dict = Dict.fromName("u", { client });
    expect([await dict.get("a"), await dict.get("b"), await dict.len()]).toEqual([[1], "x=y", 12_002]);
  });

  test("items of a large dict streams, and stops quietly when its reader does", async () => {
    await dictWith(
      "large",
      Array.from({ length: 20_000 }, (_, index) => [`key-${index}`, "v".repeat(100)]),
    );
    const json = await everdict(["dict", "items", "large", "--json"]);
    expect(JSON.parse(json.stdout)).toHaveLength(20_000);
    const command = `'${process.execPath}' '${everdictProgram}' dict items large`;
    const script = `exec 3>&1; { ${command}; echo "status $?" >&3; } | head -n 1`;
    const env = { PATH: process.env.PATH ?? "", ...server.env };
    const shown = execFileSync("sh", ["-c", script], {
      encoding: "utf8",
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(shown).toMatch(/^Key +Value\nstatus 0\n$/);
  });

  test("clear and delete ask before they contact anybody", async () => {
    await dictWith("precious", [["k", 1]]);
    const clear = ["dict", "clear", "precious"];
    const declined = await everdict(clear, {
      terminalColumns: 80,
      stdin: "n\n",
      env: { EVERDICT_URL: "http://127.0.0.1:1" },
    });
    expect(declined.stdout).toContain("Remove all entries of the dict 'precious'? [y/N] ");
    expect(declined.stdout).toContain("error: aborted, nothing was changed");
    expect(declined.status).toBe(1);
    expect(await everdict(clear, { stdin: "y\n" })).toEqual({
      status: 2,
      stdout: "",
      stderr:
        "error: this asks for confirmation, and standard input is not a terminal\nhint: add --yes to go ahead\n",
    });
    expect((await everdict(["dict", "len", "precious"])).stdout).toBe("1\n");
    expect(await everdict(clear, { terminalColumns: 80, stdin: "y\n" })).toMatchObject({ status: 0 });
    expect((await everdict(["dict", "len", "precious"])).stdout).toBe("0\n");
  });
});

describe.concurrent("environment", () => {
  test("create, list, update, delete", async () => {
    expect(await everdict(["environment", "create", "staging"])).toEqual(
      said("Created environment 'staging'.\n"),
    );
    expect(await everdict(["environment", "create", "staging"])).toMatchObject({ status: 1, stdout: "" });
    const update = [
      "environment",
      "update",
      "staging",
      "--set-name",
      "testing",
      "--set-web-suffix",
      "t",
      "--json",
    ];
    expect(JSON.parse((await everdict(update)).stdout)).toEqual({
      name: "testing",
      web_suffix: "t",
      updated: true,
    });
    const rows = JSON.parse((await everdict(["environment", "list", "--json"])).stdout) as { name: string }[];
    expect(rows.find(({ name }) => name === "testing")).toEqual({
      name: "testing",
      environment_id: expect.stringMatching(/^en-[0-9A-Za-z]{22}$/),
      web_suffix: "t",
      created_at: expect.stringMatching(/Z$/),
      default: false,
    });
    expect((await everdict(["environment", "list"])).stdout).toMatch(
      /^Name +Web suffix +Created at +Default\n/,
    );
    expect(await everdict(["environment", "delete", "testing"])).toMatchObject({ status: 2, stdout: "" });
    expect(await everdict(["environment", "delete", "testing", "--yes"])).toEqual(
      said("Deleted environment 'testing'.\n"),
    );
    expect(await everdict(["dict", "list", "-e", "testing"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("hint: `everdict environment list` shows those there are"),
    });
  });
});

describe.concurrent("token", () => {
  test("a new token works at once on the running server, a revoked one no more", async () => {
    const onDirectory = ["--data-dir", server.dataDirectory];
    const created = await everdict(["token", "create", "ci", ...onDirectory, "--json"]);
    const token = JSON.parse(created.stdout) as { token_id: string; token_secret: string };
    expect(token).toEqual({
      name: "ci",
      token_id: expect.stringMatching(/^ak-[0-9A-Za-z]+$/),
      token_secret: expect.stringMatching(/^as-[0-9A-Za-z]{40,}$/),
    });
    const env = { MODAL_TOKEN_ID: token.token_id, MODAL_TOKEN_SECRET: token.token_secret };
    expect(await everdict(["dict", "create", "by-ci"], { env })).toMatchObject({ status: 0 });

    const list = await everdict(["token", "list", ...onDirectory]);
    expect(list.stdout).toMatch(
      new RegExp(`^Token id +Name +Role +.*\n(.*\n)*${token.token_id} +ci +admin +all +never +.*\n$`),
    );
    expect(list.stdout).not.toContain(token.token_secret);
    const rows: unknown = JSON.parse((await everdict(["token", "list", ...onDirectory, "--json"])).stdout);
    expect(rows).toContainEqual({
      token_id: token.token_id,
      name: "ci",
      role: "admin",
      environments: null,
      ends_at: null,
      previous_secret_ends_at: null,
      last_used_at: null,
      created_at: expect.stringMatching(/Z$/),
      note: null,
    });

    const revoke = ["token", "revoke", token.token_id, ...onDirectory, "--yes"];
    expect(await everdict(revoke)).toEqual(said(`Revoked token '${token.token_id}'.\n`));
    expect(await everdict(revoke)).toEqual({
      status: 1,
      stdout: "",
      stderr: `error: there is no token '${token.token_id}'\nhint: \`everdict token list\` shows those there are\n`,
    });
    // The server may take a second to notice.
    const isRefused = async () => (await everdict(["dict", "list"], { env })).status === 4;
    await waitUntil("the token is refused", isRefused, { timeoutMs: 20_000 });
  });

  test("create prints lines that a shell takes", async () => {
    const created = await everdict(["token", "create", "--data-dir", join(directory.path, "fresh")]);
    expect(created.stdout).toMatch(/^MODAL_TOKEN_ID=ak-\w+\nMODAL_TOKEN_SECRET=as-\w+\n$/);
    expect(created.stderr).toMatch(/^Created token for '.+'. The secret is not shown again.\n$/);
  });
});

describe.concurrent("connecting", () => {
  test.each([
    ["no server", ["--url", "http://127.0.0.1:1"], 3, "unavailable"],
    ["a wrong token", ["--token-id", "ak-x", "--token-secret", "as-x"], 4, "unauthenticated"],
    ["half a token", ["--token-id", "ak-x"], 4, "unauthenticated"],
    ["a dict that is not there", [], 1, "dict_not_found"],
    ["an environment that is not there", ["--env", "nowhere"], 1, "environment_not_found"],
    ["a URL of another kind", ["--url", "ftp://x"], 2, "invalid_argument"],
    ["a value that JSON cannot be", ["--timeout", "soon"], 2, "usage"],
  ])("%s", async (_what, args, status, code) => {
    const finished = await everdict(["dict", "len", "not-there", "--json", ...args]);
    expect({ status: finished.status, stdout: finished.stdout }).toEqual({ status, stdout: "" });
    expect(JSON.parse(finished.stderr)).toMatchObject({ error: { code } });
  });

  test("without any setting it says what to do", async () => {
    const { status, stderr } = await runEverdict(["dict", "list"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^error: nothing says where to connect, .{1,120}\nhint: `everdict serve` starts one; .{1,120}\n$/,
    );
    expect(stderr).not.toContain("    at ");
  });

  test("--debug adds the stack", async () => {
    const { stderr } = await everdict(["dict", "len", "not-there", "--debug"]);
    expect(stderr).toMatch(/^error: Dict 'not-there' not found/);
    expect(stderr).toContain("    at ");
  });

  test("a directory works without a server", async () => {
    const url = `file:${join(directory.path, "embedded")}`;
    expect(await everdict(["dict", "put", "d", "k", "v", "--create", "--url", url])).toEqual(
      said("Written.\n"),
    );
    expect(await everdict(["dict", "get", "d", "k", "--url", url])).toEqual(said("v\n"));
    const locked = await everdict(["dict", "list", "--url", `file:${server.dataDirectory}`]);
    expect(locked).toMatchObject({ status: 3, stderr: expect.stringContaining(String(server.pid)) });
  });
});
