/**
 * Checks whether the servers are set up to keep what a profile promises. A promise that the servers do not keep is
 * worse than none, so a wrong setting is refused. A setting that cannot be read (managed services close `CONFIG`)
 * causes a warning.
 */

import { createError } from "@everdict/protocol";
import type { Clock } from "@everdict/store";
import type { Address } from "../cluster/address.ts";
import { askServer } from "../cluster/ask-server.ts";
import type { Transport } from "../cluster/transport.ts";
import { type Reply, textOf } from "../resp/reply.ts";
import type { Profile } from "./profiles.ts";

const askTimeoutMs = 2_000;

/** What a server waits with a failover unless it is told otherwise; assumed where it does not say. */
const defaultNodeTimeoutMs = 15_000;
/** How much longer than its node timeout a failover takes: the election, and until everybody knows. */
const electionMs = 2_000;
/** How far clocks may be apart. */
const clockSlackMs = 1_000;

/** What is checked. */
export interface ServerCheck {
  readonly transport: Transport;
  /** Masters and replicas: any replica may be the next master. */
  readonly servers: readonly Address[];
  readonly isCluster: boolean;
  readonly profile: Profile;
  readonly profileName: string;
  readonly commandTimeoutMs: number;
  readonly deadlineMs: number;
  /** The clock that entries expire by. */
  readonly clock: Clock;
}

/** What is wrong with the servers. */
export interface ServerFindings {
  /** Reasons to refuse. */
  readonly refusals: readonly string[];
  /** Reasons to worry. */
  readonly warnings: readonly string[];
  /** Masters that would not keep what they are given, and why. */
  readonly broken: ReadonlyMap<Address, string>;
  /** Servers that did not answer. */
  readonly silent: ReadonlySet<Address>;
}

/** What is wrong with one server. */
interface Finding {
  readonly weight: "refusal" | "warning";
  readonly message: string;
  /** Whether the server does not keep what it is given. */
  readonly isBroken?: boolean;
}

/** What a server said of itself. */
interface ServerReport {
  readonly findings: readonly Finding[];
  readonly role: "master" | "replica" | "silent";
}

/** Asks every server about its settings. One that does not answer is not judged: it may be failing over. */
export async function checkServers(check: ServerCheck): Promise<ServerFindings> {
  const reports = await Promise.all(
    check.servers.map(async (address) => ({ address, ...(await checkServer(check, address)) })),
  );
  const addresses = { refusal: new Map<string, Address[]>(), warning: new Map<string, Address[]>() };
  const broken = new Map<Address, string>();
  for (const { address, findings, role } of reports) {
    for (const { weight, message, isBroken } of findings) {
      const all = addresses[weight].get(message) ?? [];
      addresses[weight].set(message, [...all, address]);
      if (isBroken === true && role === "master") broken.set(address, message);
    }
  }
  const texts = (found: ReadonlyMap<string, readonly Address[]>): string[] =>
    [...found].map(([message, where]) => `${message} (${namesOf(where)})`);
  const silent = reports.filter(({ role }) => role === "silent").map(({ address }) => address);
  return {
    refusals: texts(addresses.refusal),
    warnings: texts(addresses.warning),
    broken,
    silent: new Set(silent),
  };
}

/** @throws `conflict` if there is a reason to refuse. */
export function refuseUnsafe({ refusals }: ServerFindings, profileName: string): void {
  if (refusals.length === 0) return;
  throw createError(
    "conflict",
    `the servers do not keep what profile '${profileName}' promises: ${refusals.join("; ")}. ` +
      "Change the servers, or choose another profile (docs/cluster.md)",
  );
}

const questions = [
  ["TIME"],
  ["INFO", "server"],
  ["INFO", "replication"],
  ["CONFIG", "GET", "maxmemory-policy"],
  ["CONFIG", "GET", "appendonly"],
  ["CONFIG", "GET", "appendfsync"],
  ["CONFIG", "GET", "cluster-node-timeout"],
  ["CONFIG", "GET", "cluster-require-full-coverage"],
];

async function checkServer(check: ServerCheck, address: Address): Promise<ServerReport> {
  let replies: Reply[];
  const askedAtMs = check.clock();
  try {
    replies = await askServer(check.transport, address, questions, askTimeoutMs);
  } catch {
    return { findings: [warning("a server did not answer questions about its settings")], role: "silent" };
  }
  const [time, server, replication, ...settings] = replies as [Reply, Reply, Reply, ...Reply[]];
  const [policy, log, sync, nodeTimeout, fullCoverage] = settings.map((reply) => setting(reply));
  const replicas = textOf(replication) ?? "";
  const findings = [
    ...checkClock(time, askedAtMs, check.clock()),
    ...checkVersion(textOf(server) ?? ""),
    ...checkReplicas(check, replicas),
    ...checkKeeping(check, { policy, log, sync }),
    ...(check.isCluster ? checkFailover(check, { nodeTimeout, fullCoverage }) : []),
  ];
  return { findings, role: replicas.includes("role:slave") ? "replica" : "master" };
}

/**
 * Whether this process has about the time that a server has. Entries expire by the clocks of those who read, write and
 * sweep them (docs/decisions/0010-clocks-of-the-nodes.md); the servers' are the only ones to compare ours with.
 */
function checkClock(time: Reply, askedAtMs: number, answeredAtMs: number): Finding[] {
  const serverMs = 1_000 * Number(setting(time, 0));
  // To the second, since that is what is asked for; what the answer took is not held against anybody.
  const isNear = serverMs >= askedAtMs - 2 * clockSlackMs && serverMs <= answeredAtMs + clockSlackMs;
  if (Number.isNaN(serverMs) || isNear) return [];
  return [
    warning("the clock of this machine is off from a server's by more than a second: entries expire by it"),
  ];
}

function checkVersion(info: string): Finding[] {
  const valkey = /valkey_version:(\d+)/.exec(info)?.[1];
  const redis = /redis_version:(\d+)/.exec(info)?.[1];
  if (valkey !== undefined && Number(valkey) < 8)
    return [refusal(`Valkey ${valkey} is too old, 8 is the oldest that works`)];
  if (valkey === undefined && redis !== undefined && Number(redis) < 7)
    return [refusal(`Redis ${redis} is too old, 7 is the oldest that works`)];
  return [];
}

function checkReplicas({ profile, profileName }: ServerCheck, info: string): Finding[] {
  const replicas = Number(/connected_slaves:(\d+)/.exec(info)?.[1] ?? Number.NaN);
  if (info.includes("role:slave") || Number.isNaN(replicas)) return [];
  const { waitReplicas } = profile;
  if (replicas < waitReplicas) {
    return [
      refusal(
        `a server has ${replicas} replica(s), profile '${profileName}' waits for ${waitReplicas}; ` +
          "one server without replicas can have profile 'fast'",
      ),
    ];
  }
  if (waitReplicas === 0 || replicas > waitReplicas) return [];
  return [
    warning("a server has no replica to spare: if one fails, its slots take no writes until it is back"),
  ];
}

/** Whether a server keeps what it has been given. */
function checkKeeping(
  { profile, profileName }: ServerCheck,
  settings: Readonly<Record<"policy" | "log" | "sync", string | undefined>>,
): Finding[] {
  const { policy, log, sync } = settings;
  const found: Finding[] = [];
  if (policy !== undefined && policy !== "noeviction")
    found.push(
      breach(`maxmemory-policy is '${policy}', so a full server removes entries; it must be 'noeviction'`),
    );
  const unseen = policy === undefined ? ["maxmemory-policy"] : [];
  if (profile.needsLog) {
    if (log === "no")
      found.push(
        breach("appendonly is 'no', so a server that is restarted begins empty and its replicas copy that"),
      );
    else if (sync === "no")
      found.push(breach("appendfsync is 'no', so the log is on disk whenever the system gets round to it"));
    else if (sync === "everysec" && profileName === "strict")
      found.push(
        warning("appendfsync is 'everysec': if all servers of a shard lose power, so are one or two seconds"),
      );
    if (log === undefined) unseen.push("appendonly");
    if (sync === undefined) unseen.push("appendfsync");
  }
  if (unseen.length > 0)
    found.push(warning(`the servers do not show their settings: make sure of ${unseen.join(", ")}`));
  return found;
}

/** Whether calls outlast a failover. */
function checkFailover(
  { commandTimeoutMs, deadlineMs }: ServerCheck,
  settings: Readonly<Record<"nodeTimeout" | "fullCoverage", string | undefined>>,
): Finding[] {
  const nodeTimeoutMs = Number(settings.nodeTimeout ?? defaultNodeTimeoutMs);
  const isKnown = settings.nodeTimeout !== undefined;
  const said = `cluster-node-timeout is ${nodeTimeoutMs} ms${isKnown ? "" : " unless somebody has set it"}`;
  const found: Finding[] = [];
  if (nodeTimeoutMs <= commandTimeoutMs)
    found.push(warning(`${said}, not above the command timeout of ${commandTimeoutMs} ms`));
  if (nodeTimeoutMs + electionMs >= deadlineMs)
    found.push(warning(`${said}, so a failover takes longer than calls have, which is ${deadlineMs} ms`));
  if (settings.fullCoverage === "yes")
    found.push(
      warning("cluster-require-full-coverage is 'yes': if some slots have no server, none are served"),
    );
  return found;
}

function refusal(message: string): Finding {
  return { weight: "refusal", message };
}

/** A reason to refuse that also holds for a server in use. */
function breach(message: string): Finding {
  return { weight: "refusal", message, isBroken: true };
}

function warning(message: string): Finding {
  return { weight: "warning", message };
}

/** What a server says of a setting; undefined if it does not, whether it refuses or knows of none. */
function setting(reply: Reply, index = 1): string | undefined {
  return Array.isArray(reply) ? textOf(reply[index] ?? null) : undefined;
}

const namedMax = 3;

function namesOf(addresses: readonly Address[]): string {
  const named = addresses.slice(0, namedMax).join(", ");
  return addresses.length > namedMax ? `${named} and ${addresses.length - namedMax} more` : named;
}
