// Drives a long-lived Python process (python/driver.py) over JSON lines, so that hundreds of snippets pay for
// starting Python and importing modal once.
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type OwnedProcess, startOwnedProcess } from "./owned-process.ts";
import {
  type PythonEnvironment,
  type PythonVersion,
  pythonProcessEnv,
  pythonProgram,
} from "./python-environment.ts";
import { repositoryRoot } from "./repository.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** What a snippet's last expression was. */
export interface PythonResult {
  /** Its `repr`. */
  readonly repr: string;
  /** Its JSON form, or null if it has none. */
  readonly json: unknown;
}

/** An exception that a snippet raised. */
export class PythonError extends Error {
  /** The names of the exception's class and of its bases, most specific first. */
  readonly classes: readonly string[];
  /** Where it was raised, as Python prints it. */
  readonly traceback: string;

  constructor(error: { classes: readonly string[]; message: string; traceback: string }) {
    super(error.message);
    this.name = error.classes[0] ?? "Exception";
    this.classes = error.classes;
    this.traceback = error.traceback;
  }
}

/** How a snippet runs. */
export interface SnippetOptions {
  /** Snippets of one scope share their variables. Default: "main". */
  readonly scope?: string | undefined;
  /** Variables set before the snippet runs, by their JSON form. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** Fails after this long. Default: 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** A running Python with one of the official clients. */
export interface Python<Environment extends PythonEnvironment = PythonVersion> extends AsyncDisposable {
  readonly version: Environment;
  /**
   * Runs a snippet; `modal`, `same(a, b)`, `run(coroutine)` and `json` are there besides its own variables.
   *
   * Snippets of one process run one after the other. @throws {PythonError} what the snippet raised
   */
  run(code: string, options?: SnippetOptions): Promise<PythonResult>;
  /** Drops the variables of a scope. */
  forget(scope: string): Promise<void>;
  /** Ends the process. */
  stop(): Promise<void>;
}

interface Waiting {
  resolve(result: PythonResult): void;
  reject(error: Error): void;
}

type Answer = { id: number } & (
  | { repr: string; json: unknown }
  | { error: ConstructorParameters<typeof PythonError>[0] }
);

/** Starts Python with the client `version`; `env` names the server (see `EverdictProcess.env`). */
export function startPython<Environment extends PythonEnvironment>(
  version: Environment,
  env: Readonly<Record<string, string>>,
): Python<Environment> {
  const home = temporaryDirectory();
  const driver = join(repositoryRoot, "packages", "testkit", "python", "driver.py");
  const owned = startOwnedProcess(pythonProgram(version), [driver], pythonProcessEnv(home.path, env));
  const waiting = new Map<number, Waiting>();
  let lastId = 0;

  createInterface({ input: owned.child.stdout }).on("line", (line) => {
    const answer = JSON.parse(line) as Answer;
    const caller = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) caller?.reject(new PythonError(answer.error));
    else caller?.resolve({ repr: answer.repr, json: answer.json });
  });
  void failWaitingAtEnd(owned, waiting);

  const send = (request: object, timeoutMs: number): Promise<PythonResult> => {
    const id = ++lastId;
    const result = new Promise<PythonResult>((resolve, reject) => waiting.set(id, { resolve, reject }));
    owned.child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    const timer = setTimeout(() => {
      waiting
        .get(id)
        ?.reject(new Error(`the snippet took more than ${timeoutMs} ms\n${owned.errorOutput()}`));
    }, timeoutMs);
    return result.finally(() => clearTimeout(timer));
  };
  const stop = async (): Promise<void> => {
    owned.child.kill("SIGKILL");
    await owned.ended;
    home[Symbol.dispose]();
  };
  return {
    version,
    run: (code, options = {}) => {
      const { scope = "main", variables = {}, timeoutMs = 60_000 } = options;
      return send({ code, scope, variables }, timeoutMs);
    },
    forget: async (scope) => {
      await send({ scope, forget: true }, 10_000);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function failWaitingAtEnd(owned: OwnedProcess, waiting: Map<number, Waiting>): Promise<void> {
  const how = await owned.ended.then(
    ({ code, signal }) => `ended with ${code ?? signal}`,
    (error: unknown) => `could not be started: ${error}`,
  );
  for (const { reject } of waiting.values()) reject(new Error(`Python ${how}\n${owned.errorOutput()}`));
  waiting.clear();
}
