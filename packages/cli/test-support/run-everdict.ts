import { execFileSync } from "node:child_process";
import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { repositoryRoot, startOwnedProcess, waitUntil } from "@everdict/testkit";

/** What a finished command left. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a command. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** Runs it on a pseudo-terminal, where stdout and stderr are one, of so many columns. */
  readonly terminalColumns?: number;
}

/** The built program. */
export const everdictProgram = join(repositoryRoot, "packages", "cli", "bin", "everdict.js");

/**
 * Builds the program from the sources; quick if nothing changed. Test files run in parallel: one builds, the others
 * wait, since a program that is being written cannot be run.
 */
export async function buildEverdict(): Promise<void> {
  const lock = join(repositoryRoot, "packages", "cli", "dist", ".building");
  mkdirSync(dirname(lock), { recursive: true });
  await waitUntil("no other test file builds", () => take(lock), { timeoutMs: buildMaxMs, everyMs: 100 });
  try {
    const compiler = join(repositoryRoot, "node_modules", ".bin", "tsc");
    execFileSync(compiler, ["-b", "packages/cli"], { cwd: repositoryRoot, encoding: "utf8" });
  } finally {
    rmdirSync(lock);
  }
}

const buildMaxMs = 120_000;

/** Takes the lock if it is free, or left behind by a run that was killed. */
function take(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const ageMs = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > buildMaxMs) rmdirSync(lock);
    return false;
  }
}

/** Runs the built program to its end, with none of this machine's settings. */
export async function runEverdict(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: "/nonexistent",
    TZ: "UTC",
    ...options.env,
  };
  const command = [process.execPath, everdictProgram, ...args];
  const [program = "", ...rest] =
    options.terminalColumns === undefined
      ? command
      : ["python3", "-c", onTerminal, String(options.terminalColumns), ...command];
  const owned = startOwnedProcess(program, rest, env);
  let stdout = "";
  owned.child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  owned.child.stdin.end(options.stdin);
  const { code } = await owned.ended;
  return { status: code, stdout, stderr: owned.errorOutput() };
}

/** Runs a command on a new terminal, types what is on standard input, and shows what the terminal showed. */
const onTerminal = `
import fcntl, os, pty, struct, sys, termios
typed = sys.stdin.buffer.read()
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
os.write(terminal, typed)
while True:
    try:
        shown = os.read(terminal, 65536)
    except OSError:
        break
    if not shown:
        break
    sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
