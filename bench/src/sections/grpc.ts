import { runNode } from "../processes/run-script.ts";
import { newSection, type Section } from "../report/report.ts";
import type { SectionContext } from "./section-context.ts";

/** What `packages/server/bench/unary-cpu.mjs --json` prints of each server. */
interface ServerRounds {
  readonly cpuUs: readonly number[];
  readonly callsPerSecond: readonly number[];
}

/** Server CPU of a unary gRPC call, beside the same handler on grpc-js. */
export async function grpc({ mode, onProgress }: SectionContext): Promise<Section> {
  const section = newSection("grpc");
  const [calls, rounds] = { full: [40_000, 5], quick: [10_000, 3], smoke: [60, 1] }[mode] as [number, number];
  onProgress(`${rounds} rounds of ${calls} calls`);
  const args = ["packages/server/bench/unary-cpu.mjs", "--json", String(calls), "64", String(rounds)];
  const results = JSON.parse(await runNode(args)) as Record<
    "everdict" | "grpc-js" | "node:http2",
    ServerRounds
  >;
  for (const [name, { cpuUs, callsPerSecond }] of Object.entries(results)) {
    section.figures.push(
      { id: `grpc CPU ${name}`, title: `${name}: server CPU a unary call`, unit: "us", values: cpuUs },
      {
        id: `grpc rate ${name}`,
        title: `${name}: unary calls, 64 outstanding`,
        unit: "calls/s",
        values: callsPerSecond,
      },
    );
  }
  const ratiosTo = (peer: "grpc-js" | "node:http2"): number[] =>
    results.everdict.cpuUs.map((each, round) => each / results[peer].cpuUs[round]!);
  section.figures.push(
    { id: "grpc CPU ratio", title: "server CPU, of grpc-js'", unit: "x", values: ratiosTo("grpc-js") },
    {
      id: "grpc CPU ratio http2",
      title: "server CPU, of a bare node:http2 server's with a constant answer",
      unit: "x",
      values: ratiosTo("node:http2"),
    },
  );
  return section;
}
