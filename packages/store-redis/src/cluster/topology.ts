/**
 * Asks the servers which server owns which slot.
 *
 * Servers may disagree: one that was cut off or paused still believes what was true before. So several are asked at
 * once, and the view of the highest epoch wins, among those that see a working cluster if any does. No server is waited
 * for long: the first good answer starts a short time in which others may still give a better one.
 */

import { setTimeout as delay } from "node:timers/promises";
import { createError } from "@everdict/protocol";
import { type Reply, ReplyError } from "../resp/reply.ts";
import { type Address, addressParts } from "./address.ts";
import { askServer } from "./ask-server.ts";
import { readClusterSlots, type SlotView, singleServer } from "./cluster-slots.ts";
import { AccessError } from "./socket-transport.ts";
import type { Transport } from "./transport.ts";

const askTimeoutMs = 1_000;
const betterAnswerWaitMs = 100;
const askedAtOnceMax = 6;

/** What the servers say. */
export interface Topology {
  readonly view: SlotView;
  readonly isCluster: boolean;
}

/** What one of them says, and how much it is worth. */
interface Answered extends Topology {
  readonly works: boolean;
  readonly epoch: number;
}

/**
 * Asks some of the servers.
 *
 * @throws `unavailable` if none of them answered, `permission_denied` if they refuse us.
 */
export async function askTopology(transport: Transport, servers: readonly Address[]): Promise<Topology> {
  const asked = sample(servers, askedAtOnceMax);
  const answers: Answered[] = [];
  const errors: Error[] = [];
  let onAnswer = (): void => {};
  const firstAnswer = new Promise<void>((resolve) => {
    onAnswer = resolve;
  });
  const all = Promise.all(
    asked.map(async (address) => {
      try {
        answers.push(await askOne(transport, address));
        onAnswer();
      } catch (error) {
        errors.push(error as Error);
      }
    }),
  );
  await Promise.race([all, firstAnswer.then(() => delay(betterAnswerWaitMs, undefined, { ref: false }))]);
  const best = answers.sort((a, b) => Number(b.works) - Number(a.works) || b.epoch - a.epoch)[0];
  if (best !== undefined) return best;
  const refusal = errors.find((error) => error instanceof AccessError);
  if (refusal !== undefined)
    throw createError("permission_denied", `the cluster refuses us: ${refusal.message}`);
  const reasons = [...new Set(errors.map((error) => error.message))].slice(0, 3).join("; ");
  throw createError("unavailable", `none of ${asked.length} servers of the cluster answers (${reasons})`);
}

async function askOne(transport: Transport, address: Address): Promise<Answered> {
  const questions = [
    ["CLUSTER", "SLOTS"],
    ["CLUSTER", "INFO"],
  ];
  const [slots, info] = (await askServer(transport, address, questions, askTimeoutMs)) as [Reply, Reply];
  if (slots instanceof ReplyError) {
    if (!isNoCluster(slots)) throw new Error(slots.message);
    return { view: singleServer(address), isCluster: false, works: true, epoch: 0 };
  }
  const view = readClusterSlots(slots, addressParts(address).host);
  const text = info instanceof Buffer ? info.toString() : "";
  const works = text.includes("cluster_state:ok") && view.length > 0;
  const epoch = Number(/cluster_current_epoch:(\d+)/.exec(text)?.[1] ?? 0);
  return { view, isCluster: true, works, epoch };
}

/** How a server says that it is not one of a cluster; look-alikes do not know the command at all. */
function isNoCluster(error: ReplyError): boolean {
  return (
    error.message.includes("cluster support disabled") || error.message.startsWith("ERR unknown command")
  );
}

function sample<Item>(items: readonly Item[], count: number): Item[] {
  const rest = [...items];
  const taken: Item[] = [];
  while (taken.length < count && rest.length > 0) {
    taken.push(...rest.splice(Math.floor(Math.random() * rest.length), 1));
  }
  return taken;
}
