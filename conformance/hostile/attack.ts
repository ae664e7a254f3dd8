import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { EverdictProcess } from "@everdict/testkit";

/** What an attacker found. */
export interface Tally {
  readonly connected: number;
  readonly closed: number;
}

/** Connections that send the same, made by another process. */
export interface Attack extends AsyncDisposable {
  /** How many were made, and how many are closed again. */
  tally(): Promise<Tally>;
}

/** Begins an attack, in a process of its own; resolves when all connections were tried and have sent what they send. */
export async function attack(
  { port }: EverdictProcess,
  what: { readonly connections: number; readonly bytes: Uint8Array; readonly again?: boolean },
): Promise<Attack> {
  const attacker = fork(join(import.meta.dirname, "attacker.mjs"));
  attacker.send({ port, ...what, bytes: Buffer.from(what.bytes).toString("base64") });
  await once(attacker, "message");
  return {
    tally: async () => {
      attacker.send({});
      return (await once(attacker, "message"))[0] as Tally;
    },
    [Symbol.asyncDispose]: async () => {
      attacker.kill("SIGKILL");
      await once(attacker, "exit");
    },
  };
}
