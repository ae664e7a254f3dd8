import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./peer-process.mjs", import.meta.url));

/** A peer in its own process, and how to ask it. */
export class PeerProcess {
  #child;
  #asked = 0;

  constructor(child, { name, title, durability, entries }) {
    this.#child = child;
    Object.assign(this, { name, title, durability, entries });
  }

  /** @throws if the peer cannot be had here */
  static async start(options) {
    const { name, directory, durability, entries } = options;
    const args = [name, directory, durability, String(entries)];
    // Standard error is kept back: why a peer is not there is said in a line.
    const child = fork(program, args, {
      execArgv: ["--expose-gc"],
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      errors += text;
    });
    const message = await nextMessage(child);
    if (message?.ready !== true) throw new Error(/^.*Error.*$/m.exec(errors)?.[0] ?? "it does not start");
    return new PeerProcess(child, options);
  }

  async ask(command, options = {}) {
    const id = ++this.#asked;
    this.#child.send({ id, command, ...options });
    const message = await nextMessage(this.#child);
    if (message?.id !== id) throw new Error(`${this.name} ended at ${command}`);
    if (message.error !== undefined) throw new Error(`${this.name}, ${command}: ${message.error}`);
    return message.answer;
  }

  async end() {
    const exited = once(this.#child, "exit");
    await this.ask("close");
    await exited;
  }
}

/** Undefined: there will be none, the process has ended. */
async function nextMessage(child) {
  const one = new AbortController();
  const message = once(child, "message", { signal: one.signal }).then(([first]) => first);
  const end = once(child, "exit", { signal: one.signal }).then(() => undefined);
  try {
    return await Promise.race([message, end]);
  } finally {
    for (const each of [message, end]) each.catch(() => {});
    one.abort();
  }
}
