import { Client, Dict } from "everdict";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runInProcess } from "../../../test-support/run-in-process.ts";

const url = "memory:beyond-modal";
let client: Client;
beforeAll(async () => {
  vi.stubEnv("EVERDICT_URL", url);
  client = Client.connect({ url });
  // Held open: what is in memory goes with its last client.
  await client.service();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await client.close();
});

const dict = (...args: string[]) => runInProcess(["dict", ...args], { variables: { EVERDICT_URL: url } });
const said = (stdout: string) => ({ status: 0, stdout, stderr: "" });
const saidNo = (stdout: string) => ({ status: 1, stdout, stderr: "" });
const versionOf = async (name: string, key: string): Promise<string> =>
  JSON.parse((await dict("entry", name, key, "--json")).stdout).version;

describe("entry", () => {
  test("prints version, end and value; get --version prints the same", async () => {
    await dict("put", "e", "k", "text", "--create");
    const printed = await dict("entry", "e", "k");
    expect(printed).toEqual(
      said(expect.stringMatching(/^Version +Ends +Value\n[0-9a-f]{16} +\S.* +text\n$/)),
    );
    expect(await dict("get", "e", "k", "--version")).toEqual(printed);
    expect(JSON.parse((await dict("entry", "e", "k", "--json")).stdout)).toEqual({
      value: "text",
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
      expires_at: expect.stringMatching(/Z$/),
    });
    expect(await dict("entry", "e", "absent")).toMatchObject({
      status: 1,
      stderr: "error: the key is absent\n",
    });
  });

  test("of an entry that never ends says so", async () => {
    await dict("put", "e-never", "k", "1", "--create", "--ttl", "never");
    expect((await dict("entry", "e-never", "k")).stdout).toMatch(/ never {2}"1"\n$/);
    expect(JSON.parse((await dict("entry", "e-never", "k", "--json")).stdout).expires_at).toBeNull();
  });

  test("get prints a version or bytes, not both", async () => {
    expect(await dict("get", "e", "k", "--version", "--bytes")).toMatchObject({ status: 2, stdout: "" });
  });
});

describe("put under conditions", () => {
  test("--if-version writes only what nobody changed since", async () => {
    await dict("put", "p", "k", "one", "--create");
    const version = await versionOf("p", "k");
    expect(await dict("put", "p", "k", "two", "--if-version", version)).toEqual(said("Written.\n"));
    expect(await dict("put", "p", "k", "three", "--if-version", version)).toEqual(
      saidNo("Not written: the entry has another version, or is absent.\n"),
    );
    expect((await dict("get", "p", "k")).stdout).toBe("two\n");
    expect(await versionOf("p", "k")).not.toBe(version);
  });

  test("--only-if-exists writes no new key", async () => {
    await dict("create", "p-only");
    expect(await dict("put", "p-only", "k", "v", "--only-if-exists", "--json")).toEqual(
      saidNo('{\n  "written": false\n}\n'),
    );
    await dict("put", "p-only", "k", "v");
    expect(await dict("put", "p-only", "k", "w", "--only-if-exists")).toEqual(said("Written.\n"));
  });

  test("--ttl says when the entry ends", async () => {
    const before = Date.now();
    await dict("put", "p-ttl", "k", "v", "--ttl", "1h", "--create");
    const { expires_at } = JSON.parse((await dict("entry", "p-ttl", "k", "--json")).stdout);
    expect(Date.parse(expires_at) - before).toBeGreaterThanOrEqual(3_600_000);
    expect(Date.parse(expires_at) - Date.now()).toBeLessThanOrEqual(3_600_000);
  });

  test("update --ttl says when all of its entries end", async () => {
    await dict("update", "u-ttl", "a=1", "b=2", "--ttl", "never", "--create");
    for (const key of ["a", "b"]) expect((await dict("entry", "u-ttl", key)).stdout).toContain(" never ");
  });

  test.each([
    [["--if-version", "12"], "'12' is not a version"],
    [["--ttl", "soon"], "'soon' is not a time to live"],
    [["--ttl", "0s"], "'0s' is too short: a duration is at least 1 ms"],
    [["--if-absent", "--only-if-exists"], "cannot be used with"],
    [["--if-absent", "--if-version", "0".repeat(16)], "cannot be used with"],
  ])("%j is refused", async (flags, reason) => {
    expect(await dict("put", "p", "k", "v", ...flags)).toEqual({
      status: 2,
      stdout: "",
      stderr: expect.stringContaining(reason),
    });
  });
});

describe("remove, delete and touch", () => {
  test("remove --if-version keeps another version", async () => {
    await dict("put", "r", "k", "v", "--create");
    expect(await dict("remove", "r", "k", "--if-version", "0".repeat(16))).toEqual(saidNo("false\n"));
    expect(await dict("remove", "r", "k", "--if-version", "00000000FFFFABCD")).toEqual(saidNo("false\n"));
    expect(await dict("remove", "r", "k", "--if-version", await versionOf("r", "k"))).toEqual(said("true\n"));
    expect(await dict("contains", "r", "k")).toEqual(saidNo("false\n"));
  });

  test("delete with a key deletes nothing and names remove", async () => {
    await dict("put", "d", "k", "v", "--create");
    expect(await dict("delete", "d", "k", "--yes")).toEqual({
      status: 2,
      stdout: "",
      stderr: "error: too many arguments\nhint: `everdict dict remove NAME KEY` removes a key\n",
    });
    expect(await dict("contains", "d", "k")).toEqual(said("true\n"));
  });

  test("touch moves the end and keeps the version", async () => {
    await dict("put", "t", "k", "v", "--create");
    const version = await versionOf("t", "k");
    expect(await dict("touch", "t", "k", "--ttl", "never")).toEqual(said("true\n"));
    expect(JSON.parse((await dict("entry", "t", "k", "--json")).stdout)).toEqual({
      value: "v",
      version,
      expires_at: null,
    });
    expect(await dict("touch", "t", "absent")).toEqual(saidNo("false\n"));
  });
});

describe("incr", () => {
  test("adds, and prints the sum", async () => {
    expect(await dict("incr", "i", "n", "--create")).toEqual(said("1\n"));
    expect(await dict("incr", "i", "n", "41")).toEqual(said("42\n"));
    expect(await dict("incr", "i", "n", "-2", "--json")).toEqual(said("40\n"));
    expect(await dict("incr", "i", "n", "0.5")).toEqual(said("40.5\n"));
    expect(await dict("incr", "i", "large", "9007199254740993", "--json")).toEqual(
      said('{"$int":"9007199254740993"}\n'),
    );
    expect(await dict("incr", "i", "begun", "--initial", "10", "--ttl", "never")).toEqual(said("11\n"));
    expect(JSON.parse((await dict("entry", "i", "begun", "--json")).stdout)).toMatchObject({
      value: 11,
      expires_at: null,
    });
  });

  test("the examples of its help work as they are printed", async () => {
    const { stdout } = await dict("incr", "--help");
    const examples = [...stdout.matchAll(/^ {2}everdict dict (incr .*?)(?: \|\| .*)?$/gm)];
    const printed = [];
    for (const [, line] of examples) printed.push(await dict(...line!.split(" ")));
    expect(printed).toEqual([said("1\n"), said("7\n"), said("1\n")]);
  });

  test("in a dict that is not there it fails as put does, and touch, which creates nothing, does not offer to", async () => {
    const missing = (hint: RegExp) => ({ status: 1, stdout: "", stderr: expect.stringMatching(hint) });
    expect(await dict("incr", "nowhere", "n")).toEqual(missing(/hint: add --create/));
    expect(await dict("put", "nowhere", "n", "1")).toEqual(missing(/hint: add --create/));
    expect(await dict("touch", "nowhere", "n")).toEqual(missing(/hint: `everdict dict list`/));
  });

  test("is refused beyond its bounds, and for what is no number", async () => {
    await dict("put", "i-no", "text", "five", "--create");
    expect(await dict("incr", "i-no", "text", "--json")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"code":"not_a_number"'),
    });
    expect(await dict("incr", "i-no", "n", "--max", "0", "--json")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('"code":"out_of_bounds"'),
    });
    expect(await dict("incr", "i-no", "n", "-1", "--min", "-1")).toEqual(said("-1\n"));
    expect(await dict("incr", "i-no", "n", "many")).toMatchObject({
      status: 2,
      stderr: "error: BY 'many' is not a number, for instance 5, -3 or 0.5\n",
    });
  });
});

describe("prefixes and pages", () => {
  beforeAll(async () => {
    const many = Dict.fromName("many", { client, createIfMissing: true });
    await many.update(Array.from({ length: 25 }, (_, index) => [`job-${index}`, index] as const));
    await many.update([
      ["other", 1],
      [["job-", 1] as never, 2],
      [["user", 42, "name"] as never, 3],
      [["user", 42] as never, 4],
      [["user", 43] as never, 5],
    ]);
  });

  test("keys and items show only keys that begin so", async () => {
    const keys = JSON.parse((await dict("keys", "many", "--prefix", "job-", "--json")).stdout);
    expect(keys.toSorted()).toEqual(Array.from({ length: 25 }, (_, index) => `job-${index}`).toSorted());
    const tuples = JSON.parse(
      (await dict("items", "many", "--prefix-json", '["user", 42]', "--json")).stdout,
    );
    expect(tuples.map(({ value }: { value: number }) => value).toSorted()).toEqual([3, 4]);
    expect((await dict("keys", "many", "--prefix", "none")).stdout).toBe("");
  });

  test("a page has as many as asked for, and the next begins where it ends", async () => {
    const seen: string[] = [];
    const sizes: number[] = [];
    let after: string[] = [];
    do {
      const printed = await dict("items", "many", "--prefix", "job-", "--limit", "10", "--json", ...after);
      const page = JSON.parse(printed.stdout) as { entries: { key: string }[]; next: string | null };
      seen.push(...page.entries.map(({ key }) => key));
      sizes.push(page.entries.length);
      after = page.next === null ? [] : ["--after", page.next];
    } while (after.length > 0);
    expect(sizes.slice(0, 2)).toEqual([10, 10]);
    expect(new Set(seen).size).toBe(25);
    expect(seen).toHaveLength(25);
  });

  test("for people the cursor stands on standard error", async () => {
    const page = await dict("items", "many", "--limit", "1");
    expect(page).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^Key .*\n.*\n$/),
      stderr: expect.stringMatching(/^more: --after [\w-]+\n$/),
    });
  });

  test.each([
    [["--after", "no cursor!"], "is not a cursor"],
    [["--limit", "0"], "is not a whole number from 1"],
    [["5", "--limit", "5"], "a page has a --limit, and neither a count nor --all"],
    [["--prefix-json", "5"], "--prefix-json: "],
    [["--prefix", "a", "--prefix-json", '["a"]'], "cannot be used with"],
  ])("items %j is refused", async (flags, reason) => {
    expect(await dict("items", "many", ...flags)).toEqual({
      status: 2,
      stdout: "",
      stderr: expect.stringContaining(reason),
    });
  });
});

describe("remove-many", () => {
  test("removes the keys that begin so, and with --dry-run only counts them", async () => {
    const dictionary = Dict.fromName<string, number>("rm", { client, createIfMissing: true });
    await dictionary.update({ "job-1": 1, "job-2": 2, other: 3 });
    const begins = ["remove-many", "rm", "--prefix", "job-"];
    expect(await dict(...begins)).toMatchObject({ status: 2, stderr: expect.stringContaining("add --yes") });
    expect(await dict(...begins, "--dry-run")).toEqual(said("Would remove 2 entries.\n"));
    expect(await dictionary.len()).toBe(3);
    expect(await dict(...begins, "--yes", "--json")).toEqual(
      said('{\n  "removed": 2,\n  "dry_run": false\n}\n'),
    );
    expect([...(await dictionary.page()).entries]).toEqual([["other", 3]]);
  });

  test("of nothing in particular is refused", async () => {
    for (const prefix of [[], ["--prefix", ""], ["--prefix-json", "[]"]]) {
      expect(await dict("remove-many", "rm", "--yes", ...prefix)).toEqual({
        status: 2,
        stdout: "",
        stderr:
          "error: give --prefix or --prefix-json\nhint: `everdict dict clear NAME` removes all entries\n",
      });
    }
  });
});

describe("stats, info, configure", () => {
  test("stats counts entries and bytes", async () => {
    await dict("put", "s", "k", "v", "--create");
    expect(await dict("stats", "s")).toEqual(said(expect.stringMatching(/^Entries {2}1\nBytes {4}\d+\n$/)));
    expect(JSON.parse((await dict("stats", "s", "--json")).stdout)).toEqual({
      entries: 1,
      bytes: expect.any(Number),
    });
  });

  test("configure changes what info prints, and asks what to change", async () => {
    await dict("create", "c", "--expiry", "1d-after-use");
    expect((await dict("info", "c")).stdout).toMatch(/^Name {8}c\n(.*\n)*Expiry {6}1d-after-use\n/);
    const changed = await dict("configure", "c", "--expiry", "90s", "--json");
    expect(JSON.parse(changed.stdout)).toMatchObject({ name: "c", expiry: "90s-after-write" });
    expect(await dict("info", "c", "--json")).toEqual(changed);
    expect(await dict("configure", "c")).toEqual({
      status: 2,
      stdout: "",
      stderr: "error: give what to change: --expiry, --durability or both\n",
    });
  });
});
