import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runNode } from "../processes/run-script.ts";
import { type Figure, newSection, type Section } from "../report/report.ts";
import { pairedRatios, spreadOf } from "../report/statistics.ts";
import type { SectionContext } from "./section-context.ts";

/** What the program writes: for each client and operation, values in the order of the rounds. */
interface ClusterCell {
  readonly client: string;
  readonly what: string;
  /** Calls outstanding. */
  readonly callers: number;
  /** Operations a second. */
  readonly rates: readonly number[];
  /** Client CPU an operation, in microseconds. */
  readonly cpus: readonly number[];
}

const ours = "the cluster store";
const autoPipelining = "ioredis.Cluster + auto-pipelining";
const median = (values: readonly number[]): number => spreadOf(values).median;
const compared = ["get", "put", "put on a replica too"];

/** The store on a Redis Cluster, beside the usual clients of that cluster; raw bytes, no codec. */
export async function cluster({ mode, lab, onProgress }: SectionContext): Promise<Section> {
  const section = newSection("cluster");
  if (spawnSync("redis-server", ["--version"]).status !== 0) {
    lab.reportMissing("the cluster: Redis is not installed: sudo apt-get install redis-server");
    return section;
  }
  const [rounds, ms, keys] = { full: [9, 300, 20_000], quick: [3, 200, 20_000], smoke: [1, 100, 200] }[mode]!;
  onProgress(`${rounds} rounds`);
  const json = join(await lab.newDirectory(), "clients.json");
  const args = ["--rounds", rounds, "--ms", ms, "--keys", keys, "--json", json].map(String);
  await runNode(["packages/store-redis/bench/clients.mjs", ...args]);
  const cells = JSON.parse(await readFile(json, "utf8")) as ClusterCell[];
  for (const { client, what, callers, rates, cpus } of cells) {
    const of = `${client}, ${what}, ${callers} outstanding`;
    const id = `${client} ${what} x${callers}`;
    section.figures.push(
      { id: `cluster rate ${id}`, title: of, unit: "ops/s", values: rates },
      { id: `cluster CPU ${id}`, title: `${of}: client CPU`, unit: "us", values: cpus },
    );
  }
  for (const what of compared) section.figures.push(...ratiosOf(cells, what));
  return section;
}

/** Of one operation: round by round, at 64 and 256 outstanding. */
function ratiosOf(cells: readonly ClusterCell[], what: string): Figure[] {
  const rates: number[] = [];
  const cpus: number[] = [];
  const cpusOfAutoPipelining: number[] = [];
  for (const callers of [64, 256]) {
    const [own, ...peers] = cells.filter((each) => each.what === what && each.callers === callers);
    if (own?.client !== ours) throw new Error(`no figure of ${ours} for ${what}`);
    const fastest = peers.toSorted((one, other) => median(other.rates) - median(one.rates))[0]!;
    const cheapest = peers.toSorted((one, other) => median(one.cpus) - median(other.cpus))[0]!;
    rates.push(...pairedRatios(own.rates, fastest.rates));
    cpus.push(...pairedRatios(own.cpus, cheapest.cpus));
    const auto = peers.find(({ client }) => client === autoPipelining);
    if (auto !== undefined) cpusOfAutoPipelining.push(...pairedRatios(own.cpus, auto.cpus));
  }
  const figure = (id: string, title: string, values: readonly number[]): Figure[] =>
    values.length === 0
      ? []
      : [{ id: `cluster ${id} ${what}`, title: `${what}: ${title}`, unit: "x", values }];
  return [
    ...figure("rate ratio", "throughput, of the quickest other client, at 64 and 256 outstanding", rates),
    ...figure(
      "CPU ratio of the best",
      "client CPU, of the most frugal other client, at 64 and 256 outstanding",
      cpus,
    ),
    ...figure(
      "CPU ratio",
      "client CPU, of ioredis.Cluster with auto-pipelining, at 64 and 256 outstanding",
      cpusOfAutoPipelining,
    ),
  ];
}
