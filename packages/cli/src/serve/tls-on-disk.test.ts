import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Health } from "@everdict/server";
import {
  opensslIsSetUp,
  type TemporaryDirectory,
  temporaryDirectory,
  writeCertificate,
} from "@everdict/testkit";
import type { Logger } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ServeOptions } from "./serve-options.ts";
import { readTls } from "./tls-on-disk.ts";

const dayMs = 24 * 60 * 60 * 1000;
const lookMs = 2000;

let base: TemporaryDirectory;
const at = (name: string): string => join(base.path, name);

beforeEach(() => {
  base = temporaryDirectory();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  base[Symbol.dispose]();
});

/** Files that are watched, and what came of it. */
function watched() {
  const files = { cert: at("cert.pem"), key: at("key.pem") };
  writeCertificate(files, "IP:127.0.0.1");
  const lines: string[] = [];
  const log = (level: string) => (first: object | string, message?: string) =>
    void lines.push(`${level}: ${message ?? first}`);
  const applied: unknown[] = [];
  const tls = readTls({ tlsCert: files.cert, tlsKey: files.key } as ServeOptions)!;
  const logger = { info: log("info"), error: log("error") } as unknown as Logger;
  const health = new Health();
  const watch = tls.watch({
    apply: (each) => void applied.push(each),
    report: (problem) => health.report("certificate", problem),
    logger,
  });
  const problem = () => health.problems.get("certificate")?.reason;
  return { files, lines, applied, problem, reload: watch.reload };
}

describe.runIf(opensslIsSetUp())("files of TLS", () => {
  test("that are replaced one after the other are taken together, without a false alarm", () => {
    const { files, lines, applied } = watched();
    const next = { cert: at("next-cert.pem"), key: at("next-key.pem") };
    writeCertificate(next, "IP:127.0.0.1");
    copyFileSync(next.cert, files.cert);
    vi.advanceTimersByTime(lookMs);
    expect([lines, applied]).toEqual([[], []]);
    copyFileSync(next.key, files.key);
    vi.advanceTimersByTime(lookMs);
    expect(lines).toEqual(["info: the certificate was read again"]);
    expect(applied).toHaveLength(1);
    vi.advanceTimersByTime(10 * lookMs);
    expect(applied).toHaveLength(1);
  });

  test.each([
    ["no PEM", () => writeFileSync(at("cert.pem"), "nothing")],
    ["another key", () => writeCertificate({ cert: at("other"), key: at("key.pem") }, "IP:127.0.0.1")],
  ])("that are not usable are said once, and change nothing: %s", (_, spoil) => {
    const { lines, applied, problem, reload } = watched();
    spoil();
    vi.advanceTimersByTime(10 * lookMs);
    expect(lines).toEqual([
      expect.stringMatching(/^error: the new certificate is not used, .* is not usable$/),
    ]);
    expect(problem()).toBe("a new certificate cannot be used: the one before is shown");
    reload();
    expect(lines).toHaveLength(2);
    expect(applied).toEqual([]);
  });

  test("that have ended are said once", () => {
    const { files, lines, problem } = watched();
    vi.setSystemTime(Date.now() + 3 * dayMs);
    vi.advanceTimersByTime(10 * lookMs);
    expect(lines).toEqual(["error: the certificate has ended: clients refuse it until there is a new one"]);
    expect(problem()).toBe("the certificate has ended: clients refuse it");
    vi.setSystemTime(Date.now() - 3 * dayMs);
    writeCertificate(files, "IP:127.0.0.1");
    vi.advanceTimersByTime(10 * lookMs);
    expect(lines.slice(1)).toEqual(["info: the certificate was read again"]);
    expect(problem()).toBeUndefined();
  });
});
