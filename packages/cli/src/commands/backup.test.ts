/** `backup`, `restore` and `doctor` as processes, on the directory of a running server and on damaged ones. */

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startEverdict, type TemporaryDirectory, temporaryDirectory } from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { buildEverdict, runEverdict } from "../../test-support/run-everdict.ts";

// Processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let base: TemporaryDirectory;
const at = (name: string): string => join(base.path, name);

beforeAll(() => buildEverdict(), 120_000);
beforeEach(() => {
  base = temporaryDirectory();
});
afterEach(() => base[Symbol.dispose]());

/** A data directory with one entry, whose server is gone. */
async function stopped(): Promise<string> {
  await using server = await startEverdict({ dataDirectory: at("data") });
  const client = Client.connect({ url: server.url, ...server.token });
  await Dict.fromName("d", { client, createIfMissing: true }).put("a", "the value");
  await client.close();
  await server.stop();
  return at("data");
}

describe("a running server", () => {
  test("is backed up and examined while it is written to; the restored directory serves what was acknowledged", async () => {
    await using server = await startEverdict({ dataDirectory: at("data") });
    const client = Client.connect({ url: server.url, ...server.token });
    const dict = Dict.fromName<string, number>("d", { client, createIfMissing: true });
    await dict.put("before", 1);
    let isOver = false;
    const writing = (async () => {
      for (let count = 0; !isOver; count++) await dict.put("count", count);
    })();
    const made = await runEverdict(["backup", at("data"), at("backup"), "--json"]);
    const examined = await runEverdict(["doctor", at("data"), "--json"]);
    isOver = true;
    await writing;
    await client.close();
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(made.stdout)).toMatchObject({ file: at("backup"), segments: 1 });
    expect(statSync(at("backup")).mode & 0o777).toBe(0o600);
    expect(JSON.parse(examined.stdout)).toMatchObject({ whole: true, owner: { pid: expect.any(Number) } });

    const restored = await runEverdict(["restore", at("backup"), at("restored")]);
    expect(restored).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(at("restored")).sort()).toEqual([
      "0000000001.segment",
      "key-secret",
      "last-segment",
      "tokens.json",
    ]);
    await using second = await startEverdict({ dataDirectory: at("restored"), token: server.token });
    const again = Client.connect({ url: second.url, ...server.token });
    const copy = Dict.fromName<string, number>("d", { client: again });
    expect(await copy.get("before")).toBe(1);
    await again.close();
  });
});

describe("doctor", () => {
  test("shows segments, bytes and sequence numbers of a whole log", async () => {
    const report = await runEverdict(["doctor", await stopped()]);
    expect(report).toMatchObject({ status: 0, stderr: "" });
    expect(report.stdout).toMatch(
      /^Segment +Bytes +Live +Dead +Records +Sequence numbers +State\n1 +\d+ +\d+ +\d+ +\d+ +\d+ to \d+ +whole\n/,
    );
    expect(report.stdout).toMatch(/Everything is whole: \d+ records in 1 segments\.\n$/);
  });

  test("exits with 5 for a flipped bit, with the place and what is whole; no backup is made of it", async () => {
    const directory = await stopped();
    const path = join(directory, "0000000001.segment");
    const bytes = readFileSync(path);
    bytes[bytes.indexOf("the value")]! ^= 1;
    writeFileSync(path, bytes);
    const report = await runEverdict(["doctor", directory]);
    expect(report.status).toBe(5);
    expect(report.stdout).toMatch(
      /Segment 1 is damaged from byte \d+ to \d+: a record is not as it was written\./,
    );
    expect(report.stdout).toMatch(/\d+ records are whole; those in the damaged or missing places are lost/);
    expect(report.stdout).not.toContain("the value");
    const refused = await runEverdict(["backup", directory, at("backup")]);
    expect(refused).toMatchObject({ status: 5, stdout: "" });
    expect(refused.stderr).toMatch(/^error: 0000000001\.segment is damaged from byte/);
    expect(readdirSync(base.path)).toEqual(["data"]);
  });

  test("is used wrongly when there is no such directory, or one too many or too few", async () => {
    for (const options of [[], ["--salvage", at("out")]]) {
      const report = await runEverdict(["doctor", at("none"), ...options]);
      expect(report).toMatchObject({ status: 2, stdout: "" });
      expect(report.stderr).toBe(`error: there is no directory ${at("none")}\n`);
    }
    expect(readdirSync(base.path)).toEqual([]);
    expect(await runEverdict(["doctor", base.path, at("out")])).toMatchObject({ status: 2 });
    expect(await runEverdict(["doctor", base.path, "--salvage"])).toMatchObject({ status: 2 });
  });

  test("names every file, damaged tokens among them, and what it does not know", async () => {
    const directory = await stopped();
    writeFileSync(join(directory, "notes.txt"), "mine");
    const whole = await runEverdict(["doctor", directory]);
    expect(whole.status).toBe(0);
    for (const line of [
      /^0000000001\.hint +\d+ +hint of segment 1 +whole$/m,
      /^credentials +\d+ +credentials of the first token +readable$/m,
      /^last-segment +20 +where the log ends +whole$/m,
      /^notes\.txt +4 +not of the log +not looked into$/m,
      /^tokens\.json +\d+ +tokens +readable, 1 token$/m,
    ])
      expect(whole.stdout).toMatch(line);
    writeFileSync(join(directory, "tokens.json"), "{");
    const damaged = await runEverdict(["doctor", directory]);
    expect(damaged.status).toBe(5);
    expect(damaged.stdout).toContain("The file tokens.json is damaged: ");
    expect(damaged.stdout).toContain("The log is whole");
  });

  test("an empty segment is named, and saved around", async () => {
    const directory = await stopped();
    writeFileSync(join(directory, "0000000001.segment"), "");
    const report = await runEverdict(["doctor", directory]);
    expect(report).toMatchObject({ status: 5, stderr: "" });
    expect(report.stdout).toMatch(/Segment 1 is damaged from byte 0 to \d+: /);
    expect(report.stdout).toContain(`everdict doctor --salvage ${directory} NEW_DIRECTORY`);
  });
});

describe("doctor --salvage", () => {
  test("saves what is whole of a cut directory into one that a server starts on, and lists what is lost", async () => {
    const directory = at("data");
    const { token } = await (async () => {
      await using server = await startEverdict({ dataDirectory: directory });
      const client = Client.connect({ url: server.url, ...server.token });
      const dict = await Dict.fromName<number, string>("jobs", { client, createIfMissing: true });
      for (let index = 0; index < 50; index++) await dict.put(index, "x".repeat(200));
      await client.close();
      await server.stop();
      return server;
    })();
    const path = join(directory, "0000000001.segment");
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length >> 1));
    const before = readdirSync(directory);

    const refused = await runEverdict(["serve", "--data-dir", directory, "--port", "0"]);
    expect(refused).toMatchObject({ status: 5 });
    expect(refused.stderr).toMatch(
      /0000000001\.segment is damaged at byte \d+: it was flushed up to byte \d+/,
    );
    expect(refused.stderr).toContain(`hint: \`everdict doctor ${directory}\` says what is left`);

    const saved = await runEverdict(["doctor", "--salvage", directory, at("out")]);
    expect(saved).toMatchObject({ status: 5, stderr: "" });
    const [, entries, lost] = /^main +jobs +(\d+) +(\d+) +0$/m.exec(saved.stdout)!;
    expect(Number(entries)).toBeGreaterThan(10);
    expect(Number(entries) + Number(lost)).toBe(50);
    expect(readdirSync(directory)).toEqual(before);
    expect(readFileSync(path)).toEqual(bytes.subarray(0, bytes.length >> 1));
    expect(await runEverdict(["doctor", at("out")])).toMatchObject({ status: 0 });

    await using second = await startEverdict({ dataDirectory: at("out"), token });
    const again = Client.connect({ url: second.url, ...token });
    expect(await Dict.fromName("jobs", { client: again }).len()).toBe(Number(entries));
    await again.close();
  });

  test("of a whole directory says that nothing is lost", async () => {
    const saved = await runEverdict(["doctor", "--salvage", await stopped(), at("out"), "--json"]);
    expect(saved).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(saved.stdout)).toMatchObject({
      complete: true,
      dicts: [{ environment: "main", name: "d", entries: 1, lost: 0, older: 0 }],
    });
  });
});
