import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isSetUp } from "@everdict/testkit";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");

/** What a Python interpreter says about itself. */
export interface PythonFacts {
  readonly version: string;
  /** Versions of what is installed beside it, or false. */
  readonly numpy: string | false;
  readonly cloudpickle: string | false;
  /** Whether it knows time zones by name. */
  readonly zoneinfo: boolean;
  /** The names of its builtin exceptions. */
  readonly exceptions: readonly string[];
}

/**
 * The Python to test against: `EVERDICT_PYTHON`, else the one that the set-up of the tests made (with numpy and
 * cloudpickle), else `python3`. `undefined` if there is none, or if it cannot run `statements`: then it is said, or is an
 * error if this is CI.
 *
 * @example const python = findPython("import numpy");
 */
export function findPython(statements = ""): string | undefined {
  const prepared = join(root, ".cache/python/newest/bin/python");
  const candidates = [process.env.EVERDICT_PYTHON, existsSync(prepared) ? prepared : undefined, "python3"];
  const found = candidates.find((each) => each !== undefined && minorOf(each) !== undefined);
  const isThere = found !== undefined && spawnSync(found, ["-c", statements]).status === 0;
  const part = statements === "" ? "Python" : `a Python that can \`${statements}\``;
  return isSetUp({ part, isThere, remedy: "node scripts/setup-python.mjs, or set EVERDICT_PYTHON" })
    ? found
    : undefined;
}

/** Interpreters of other minor versions, from 3.8 to 3.14, as far as they are there. */
export function findOtherPythons(main: string): string[] {
  const mainMinor = minorOf(main);
  const found: string[] = [];
  for (let minor = 8; minor <= 14; minor++) {
    if (minor === mainMinor) continue;
    const usable = namesOf(minor).find((name) => minorOf(name) === minor);
    if (usable !== undefined) found.push(usable);
  }
  return found;
}

// Version managers put names on the path that work only for the version that is switched on.
function namesOf(minor: number): string[] {
  const name = `python3.${minor}`;
  const managed = spawnSync("pyenv", ["prefix", `3.${minor}`], { encoding: "utf8" });
  return managed.status === 0 ? [join(managed.stdout.trim(), "bin", "python3"), name] : [name];
}

function minorOf(program: string): number | undefined {
  const { status, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  const version = status === 0 ? /^Python 3\.(\d+)/.exec(stdout) : null;
  return version === null ? undefined : Number(version[1]);
}

/** CPython as a judge: one process that answers requests in order. */
export class PythonOracle {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly waiting: { resolve(answer: unknown): void; reject(error: Error): void }[] = [];
  private ended: Error | undefined;

  constructor(python: string) {
    const args = ["-B", "-W", "ignore", join(here, "oracle.py")];
    this.process = spawn(python, args, { stdio: ["pipe", "pipe", "inherit"] as never });
    createInterface({ input: this.process.stdout }).on("line", (line) => this.answer(line));
    this.process.on("exit", (code) => {
      this.ended = new Error(`the Python process ended with code ${code}`);
      for (const { reject } of this.waiting.splice(0)) reject(this.ended);
    });
  }

  private answer(line: string): void {
    const { ok, error } = JSON.parse(line) as { ok?: unknown; error?: string };
    const next = this.waiting.shift();
    if (error === undefined) next?.resolve(ok);
    else next?.reject(new Error(error));
  }

  /** Sends one request; several may be under way. */
  ask<Answer>(name: string, parts: object = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) {
        reject(this.ended);
        return;
      }
      this.waiting.push({ resolve: resolve as (answer: unknown) => void, reject });
      this.process.stdin.write(`${JSON.stringify({ do: name, ...parts })}\n`);
    });
  }

  /** Ends the process. */
  close(): void {
    this.process.stdin.end();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Bytes as requests carry them. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Bytes from an answer. */
export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
