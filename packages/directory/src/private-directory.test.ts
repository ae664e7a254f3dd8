import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@everdict/testkit";
import { expect, onTestFinished, test } from "vitest";
import { makePrivateDirectory } from "./index.ts";

/** Until the end of the test. */
function newDirectory(): string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory[Symbol.dispose]());
  return directory.path;
}

const modeOf = (path: string): number => statSync(path).mode & 0o7777;

/** A directory with two files, of these modes. */
function withFiles(mode: number, ...fileModes: number[]): string {
  const directory = join(newDirectory(), "it's data");
  mkdirSync(directory);
  for (const [index, fileMode] of fileModes.entries()) {
    writeFileSync(join(directory, String(index)), "");
    chmodSync(join(directory, String(index)), fileMode);
  }
  chmodSync(directory, mode);
  return directory;
}

async function makePrivate(directory: string): Promise<string[]> {
  const told: string[] = [];
  await makePrivateDirectory(directory, (message) => void told.push(message));
  return told;
}

test.runIf(process.platform !== "win32").each(["000", "022", "077"])(
  "a new directory and its new parents are this user's alone, umask %s",
  async (umask) => {
    const base = newDirectory();
    const before = process.umask(umask);
    try {
      expect(await makePrivate(join(base, "a", "b"))).toEqual([]);
    } finally {
      process.umask(before);
    }
    expect([modeOf(join(base, "a")), modeOf(join(base, "a", "b"))]).toEqual([0o700, 0o700]);
  },
);

test.runIf(process.platform !== "win32")(
  "what others may read is closed to them, and told once",
  async () => {
    const directory = withFiles(0o2755, 0o644, 0o640, 0o600);
    expect(await makePrivate(directory)).toEqual([
      `only this user may read the data directory ${directory} from now on: it had mode 2755, ` +
        "rights of others to 3 paths were taken away",
    ]);
    expect(modeOf(directory)).toBe(0o2700);
    for (const index of [0, 1, 2]) expect(modeOf(join(directory, String(index)))).toBe(0o600);
    expect(await makePrivate(directory)).toEqual([]);
  },
);

test.runIf(process.platform !== "win32").each([
  ["a directory of mode 0777", 0o777, 0o600],
  ["a directory of mode 0775", 0o775, 0o600],
  ["a file of mode 0666", 0o755, 0o666],
  ["a file of mode 0620", 0o700, 0o620],
])(
  "what others may write is refused, with what to type, and left as it is: %s",
  async (_, mode, fileMode) => {
    const directory = withFiles(mode, 0o644, fileMode);
    await expect(makePrivate(directory)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`run: chmod -R go= '${directory.replace("'", "'\\''")}' `),
    });
    expect([modeOf(directory), modeOf(join(directory, "0")), modeOf(join(directory, "1"))]).toEqual([
      mode,
      0o644,
      fileMode,
    ]);
  },
);

test.runIf(process.platform !== "win32")(
  "nobody is told to close a directory that others use, as /tmp is",
  async () => {
    const refused = makePrivate(withFiles(0o1777));
    await expect(refused).rejects.toThrow("use a directory of its own");
    await expect(refused).rejects.not.toThrow("chmod");
  },
);
