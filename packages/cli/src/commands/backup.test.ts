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
    expect(readdirSync(at("restored")).sort()).toEqual(["0000000001.segment", "tokens.json"]);
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
    expect(report.stdout).toMatch(/\d+ records are whole and can be recovered/);
    expect(report.stdout).not.toContain("the value");
    const refused = await runEverdict(["backup", directory, at("backup")]);
    expect(refused).toMatchObject({ status: 5, stdout: "" });
    expect(refused.stderr).toMatch(/^error: 0000000001\.segment is damaged from byte/);
    expect(readdirSync(base.path)).toEqual(["data"]);
  });

  test("says so when there is no such directory", async () => {
    expect(await runEverdict(["doctor", at("none")])).toEqual({
      status: 5,
      stdout: "",
      stderr: `error: cannot examine ${at("none")}: no such file or directory (${at("none")})\n`,
    });
  });
});
