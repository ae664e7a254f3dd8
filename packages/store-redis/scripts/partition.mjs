// A real partition: one master of a 3+3 cluster, with a client beside it, is cut off from the rest for some seconds.
//
//   npm run build && sudo node packages/store-redis/scripts/partition.mjs [--cut-seconds 5]
//
// Each server is in a network namespace of its own, joined by a bridge in another, so nothing of the host's network is
// touched; it needs root and iproute2. With profile `replicated` nothing that was acknowledged may be lost on either side
// of the cut. With `fast`, which does not wait for replicas, the client beside the master must lose writes, or this proves
// nothing.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nodeId, nodesConf, waitUntil } from "@everdict/testkit";

const { values: flags } = parseArgs({ options: { "cut-seconds": { type: "string", default: "5" } } });
const cutMs = 1_000 * Number(flags["cut-seconds"]);
const name = `evd${process.pid}`;
const bridge = `${name}-b`;
const nodes = Array.from({ length: 6 }, (_, index) => ({
  space: `${name}-${index}`,
  id: nodeId(`${name} ${index}`),
  host: `10.77.0.${10 + index}`,
  port: 7_000,
  clusterPort: 17_000,
  master: index < 3 ? undefined : index - 3,
}));
const client = { space: `${name}-c`, host: "10.77.0.99" };
const directory = mkdtempSync(join(tmpdir(), "everdict-partition-"));
const writer = fileURLToPath(new URL("./partition-writer.mjs", import.meta.url));
const children = [];

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
process.once("exit", tidyUp);

try {
  if (!layNetwork()) {
    console.error("partition: network namespaces cannot be made here (root and iproute2 are needed)");
    process.exitCode = 2;
  } else {
    await startServers();
    const replicated = await partition("replicated");
    const fast = await partition("fast");
    const isProof = fast.beside.lost > 0;
    const isKept = replicated.beside.lost + replicated.majority.lost === 0;
    console.log(isProof && isKept ? "as promised" : "NOT as promised");
    if (!isProof || !isKept) process.exitCode = 1;
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
process.exit();

function tidyUp() {
  for (const child of children) child.kill("SIGKILL");
  for (const space of [...nodes, client, { space: bridge }].map((one) => one.space)) {
    spawnSync("ip", ["netns", "del", space]);
  }
  rmSync(directory, { recursive: true, force: true });
}

function layNetwork() {
  const ip = (...args) => spawnSync("ip", args, { encoding: "utf8" }).status === 0;
  if (!ip("netns", "add", bridge)) return false;
  ip("-n", bridge, "link", "add", "br0", "type", "bridge");
  ip("-n", bridge, "link", "set", "br0", "up");
  return [...nodes, client].every(({ space, host }, index) => {
    const [inside, outside] = ["eth0", `port${index}`];
    return (
      ip("netns", "add", space) &&
      ip("-n", space, "link", "add", inside, "type", "veth", "peer", "name", outside, "netns", bridge) &&
      ip("-n", space, "addr", "add", `${host}/24`, "dev", inside) &&
      ip("-n", space, "link", "set", inside, "up") &&
      ip("-n", space, "link", "set", "lo", "up") &&
      ip("-n", bridge, "link", "set", outside, "master", "br0", "up")
    );
  });
}

async function startServers() {
  for (const [index, { space, port, clusterPort }] of nodes.entries()) {
    const home = join(directory, String(index));
    mkdirSync(home);
    writeFileSync(join(home, "nodes.conf"), nodesConf(nodes, index, 3));
    inSpace(space, "redis-server", [
      ...["--port", String(port), "--cluster-enabled", "yes", "--cluster-port", String(clusterPort)],
      ...[
        "--bind",
        "0.0.0.0",
        "--protected-mode",
        "no",
        "--dir",
        home,
        "--cluster-config-file",
        "nodes.conf",
      ],
      ...["--save", "", "--appendonly", "yes", "--repl-diskless-sync-delay", "0", "--loglevel", "warning"],
      ...["--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no"],
      ...["--cluster-replica-validity-factor", "0"],
    ]);
  }
  await whole();
}

/** Waits until every server is well and every replica in step. */
async function whole() {
  const isWell = ({ host, port }) => {
    const ask = (...question) =>
      spawnSync(
        "ip",
        ["netns", "exec", client.space, "redis-cli", "-h", host, "-p", String(port), ...question],
        {
          encoding: "utf8",
          timeout: 2_000,
        },
      ).stdout ?? "";
    const replication = ask("info", "replication");
    const inStep = replication.includes("role:master") || replication.includes("master_link_status:up");
    return inStep && ask("cluster", "info").includes("cluster_state:ok");
  };
  await waitUntil("the cluster is whole", () => nodes.every(isWell), { timeoutMs: 60_000, everyMs: 200 });
}

/** Cuts the owner of the dictionary's first shard off, with a writer beside it and one on the other side. */
async function partition(profile) {
  const victim = nodes.findIndex(({ host }) => host === ownerHost(profile));
  const beside = startWriter(nodes[victim].space, [nodes[victim].host], profile, "beside");
  const majority = startWriter(
    client.space,
    nodes.map(({ host }) => host),
    profile,
    "majority",
  );
  await delay(2_000);
  spawnSync("ip", ["-n", bridge, "link", "set", `port${victim}`, "down"]);
  await delay(cutMs);
  spawnSync("ip", ["-n", bridge, "link", "set", `port${victim}`, "up"]);
  await delay(3_000);
  for (const one of [beside, majority]) one.stdin.end();
  const [besideNumbers, majorityNumbers] = await Promise.all([outputOf(beside), outputOf(majority)]);
  const acknowledged = { beside: besideNumbers, majority: majorityNumbers };
  await whole();
  const report = {};
  for (const [side, numbers] of Object.entries(acknowledged)) {
    const lost = JSON.parse(run("check", profile, side, JSON.stringify(numbers)));
    report[side] = { acknowledged: numbers.length, lost };
    console.log(`${profile}: the writer ${side}: ${numbers.length} acknowledged, ${lost} of them lost`);
  }
  return report;
}

function ownerHost(profile) {
  return run("owner", profile).trim();
}

function run(task, profile, ...rest) {
  const servers = nodes.map(({ host, port }) => `${host}:${port}`).join(",");
  const args = [
    "netns",
    "exec",
    client.space,
    process.execPath,
    writer,
    task,
    servers,
    profile,
    ...rest.slice(0, 1),
  ];
  const result = spawnSync("ip", args, { encoding: "utf8", input: rest[1] ?? "", maxBuffer: 1e9 });
  if (result.status !== 0) throw new Error(`${task}: ${result.stderr}`);
  return result.stdout;
}

function startWriter(space, hosts, profile, side) {
  const servers = hosts.map((host) => `${host}:7000`).join(",");
  return inSpace(space, process.execPath, [writer, "write", servers, profile, side]);
}

function inSpace(space, program, args) {
  const child = spawn("ip", ["netns", "exec", space, program, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  return child;
}

async function outputOf(child) {
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
  await once(child, "close");
  return JSON.parse(text);
}
