/**
 * A real cluster of local redis-server processes.
 *
 * It does not take the usual way, `redis-cli --cluster create`, which needs many seconds of gossip: each server
 * begins with a `nodes.conf` that already knows everybody, so the cluster is there as soon as its servers are, save
 * for the two seconds that a master waits before it trusts what it read.
 */

import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "./free-ports.ts";
import { redisCommand } from "./redis-command.ts";
import { nodeId } from "./redis-program.ts";
import { RedisServer } from "./redis-server.ts";
import { waitUntil } from "./wait-until.ts";

/** How a cluster is made. */
export interface RedisClusterOptions {
  /** Default: 3. */
  readonly masters?: number | undefined;
  /** For each master. Default: 1. */
  readonly replicas?: number | undefined;
  /** Default: 1,000. */
  readonly nodeTimeoutMs?: number | undefined;
  /** Default: true, written every second. */
  readonly appendOnly?: boolean | undefined;
  /** More options for every server, as for the program. */
  readonly args?: readonly string[] | undefined;
  /** Default: as `redisProgram` finds it. */
  readonly program?: string | undefined;
}

/** One server of a cluster. */
export interface ClusterMember {
  readonly server: RedisServer;
  readonly id: string;
  readonly port: number;
}

const slots = 16_384;
const answerMaxMs = 300;

/** A running cluster. */
export class RedisCluster implements AsyncDisposable {
  readonly members: readonly ClusterMember[];
  readonly #nodeTimeoutMs: number;

  private constructor(members: readonly ClusterMember[], nodeTimeoutMs: number) {
    this.members = members;
    this.#nodeTimeoutMs = nodeTimeoutMs;
  }

  /** Starts a cluster and waits until every slot is served and every replica has caught up. */
  static async start(options: RedisClusterOptions = {}): Promise<RedisCluster> {
    const {
      masters = 3,
      replicas = 1,
      nodeTimeoutMs = 1_000,
      appendOnly = true,
      args = [],
      program,
    } = options;
    const count = masters * (1 + replicas);
    const ports = await freePorts(2 * count);
    const plan = Array.from({ length: count }, (_, index) => ({
      id: nodeId(`member ${index} on ${ports[2 * index]}`),
      port: ports[2 * index]!,
      clusterPort: ports[2 * index + 1]!,
      master: index < masters ? undefined : index % masters,
    }));
    const members = plan.map(({ id, port, clusterPort }, index) => {
      const server = new RedisServer({
        port,
        clusterPort,
        nodesConf: nodesConf(plan, index, masters),
        program,
        args: [
          ...["--cluster-node-timeout", String(nodeTimeoutMs), "--cluster-require-full-coverage", "no"],
          ...["--cluster-replica-validity-factor", "0"],
          ...["--appendonly", appendOnly ? "yes" : "no", "--appendfsync", "everysec"],
          ...args,
        ],
      });
      return { server, id, port };
    });
    const cluster = new RedisCluster(members, nodeTimeoutMs);
    try {
      await Promise.all(members.map(({ server }) => server.start()));
      await cluster.waitUntilWhole();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Addresses of all members, as a connection URL has them. */
  get hosts(): string {
    return this.members.map(({ server }) => server.address).join(",");
  }

  /** Waits until all members agree that all is well, and replicas are in step. */
  async waitUntilWhole(timeoutMs = 60_000): Promise<void> {
    await waitUntil(
      "the cluster is whole",
      async () => (await Promise.all(this.members.map((member) => this.#isWell(member)))).every(Boolean),
      { timeoutMs, everyMs: 50 },
    );
  }

  /** The member that owns a slot now, as most members see it. */
  async ownerOf(slot: number): Promise<ClusterMember> {
    let owner: ClusterMember | undefined;
    await waitUntil(`slot ${slot} has an owner`, async () => {
      owner = await this.#lookUpOwner(slot);
      return owner !== undefined;
    });
    return owner!;
  }

  /** The replicas that a master has, as it sees them. */
  async replicasOf(master: ClusterMember): Promise<ClusterMember[]> {
    const text = await redisCommand(master.port, "CLUSTER", "REPLICAS", master.id);
    return this.members.filter(({ id }) => text.includes(`${id} `) && id !== master.id);
  }

  /** How long a failover takes at least. */
  get nodeTimeoutMs(): number {
    return this.#nodeTimeoutMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map(({ server }) => server.destroy()));
  }

  async #isWell({ port }: ClusterMember): Promise<boolean> {
    try {
      const info = await redisCommand(port, "CLUSTER", "INFO");
      const replication = await redisCommand(port, "INFO", "replication");
      if (!info.includes("cluster_state:ok") || !info.includes(`cluster_known_nodes:${this.members.length}`))
        return false;
      return replication.includes("role:master") || replication.includes("master_link_status:up");
    } catch {
      return false;
    }
  }

  async #lookUpOwner(slot: number): Promise<ClusterMember | undefined> {
    const votes = new Map<ClusterMember, number>();
    await Promise.all(
      this.members.map(async (asked) => {
        // One that is paused must not keep the others' answers waiting.
        const patience = delay(answerMaxMs, "", { ref: false });
        const text = await Promise.race([
          redisCommand(asked.port, "CLUSTER", "NODES").catch(() => ""),
          patience,
        ]);
        const line = text
          .split("\n")
          .find((row) => /\bmaster\b/.test(row) && !/fail/.test(row) && hasSlot(row, slot));
        const owner = this.members.find(({ id }) => line?.startsWith(id));
        if (owner !== undefined) votes.set(owner, (votes.get(owner) ?? 0) + 1);
      }),
    );
    return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0];
  }
}

/** One server of a cluster to be. */
export interface PlannedNode {
  readonly id: string;
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined;
  readonly port: number;
  readonly clusterPort: number;
  /** The place of its master in the plan; undefined for a master. */
  readonly master: number | undefined;
}

/** What a server that begins as part of a cluster has in its `nodes.conf`; the first `masters` are masters. */
export function nodesConf(plan: readonly PlannedNode[], self: number, masters: number): string {
  const lines = plan.map(({ id, host = "127.0.0.1", port, clusterPort, master }, index) => {
    const me = index === self ? "myself," : "";
    const role = master === undefined ? `${me}master -` : `${me}slave ${plan[master]!.id}`;
    const epoch = (master ?? index) + 1;
    const [first, last] = [index, index + 1].map((share) => Math.round((share * slots) / masters)) as [
      number,
      number,
    ];
    const owned = master === undefined ? ` ${first}-${last - 1}` : "";
    return `${id} ${host}:${port}@${clusterPort} ${role} 0 0 ${epoch} connected${owned}`;
  });
  return `${lines.join("\n")}\nvars currentEpoch ${masters} lastVoteEpoch 0\n`;
}

function hasSlot(row: string, slot: number): boolean {
  return row
    .split(" ")
    .slice(8)
    .some((range) => {
      const [first, last = first] = range.split("-").map(Number);
      return first !== undefined && first <= slot && slot <= last!;
    });
}
