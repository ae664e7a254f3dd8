import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ClusterMember } from "./redis-cluster.ts";
import { redisCommand } from "./redis-command.ts";

/** Moves this many slots from one master to another while clients go on, as an operator does it. */
export async function moveSlots(from: ClusterMember, to: ClusterMember, count: number): Promise<void> {
  const args = ["--cluster", "reshard", `127.0.0.1:${from.port}`];
  args.push(
    "--cluster-from",
    from.id,
    "--cluster-to",
    to.id,
    "--cluster-slots",
    String(count),
    "--cluster-yes",
  );
  const child = spawn("redis-cli", args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-2_000);
    });
  }
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`redis-cli ended with ${code}: ${output}`);
}

const keysAtOnce = 10;
const migrateTimeoutMs = 30_000;

/** Moves one slot of choice from its master to another, by the same steps as the tool for operators. */
export async function moveSlot(from: ClusterMember, to: ClusterMember, slot: number): Promise<void> {
  await redisCommand(to.port, "CLUSTER", "SETSLOT", slot, "IMPORTING", from.id);
  await redisCommand(from.port, "CLUSTER", "SETSLOT", slot, "MIGRATING", to.id);
  for (;;) {
    const keys = (await redisCommand(from.port, "CLUSTER", "GETKEYSINSLOT", slot, keysAtOnce)).split("\n");
    if (keys[0] === "") break;
    await redisCommand(from.port, "MIGRATE", "127.0.0.1", to.port, "", 0, migrateTimeoutMs, "KEYS", ...keys);
  }
  // The new owner first: in between, the old one sends clients on to it.
  for (const { port } of [to, from]) await redisCommand(port, "CLUSTER", "SETSLOT", slot, "NODE", to.id);
}
