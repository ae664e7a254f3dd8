import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { processCpuUs } from "../measure/cpu-meter.ts";
import { PythonCaller } from "../processes/python-caller.ts";
import { newSection, type Section } from "../report/report.ts";
import type { ServerSpec } from "../servers/running-server.ts";
import type { SectionContext } from "./section-context.ts";

const interpreter = fileURLToPath(new URL("../../../.cache/python/newest/bin/python", import.meta.url));

const servers: readonly { id: string; name: string; spec: ServerSpec }[] = [
  { id: "everdict", name: "Everdict", spec: { kind: "everdict", store: "memory" } },
  { id: "grpcjs", name: "the same handlers on grpc-js", spec: { kind: "grpc-js" } },
];

/** Modal's own Python client, unmodified: gets one after the other, and from many processes at once. */
export async function python(context: SectionContext): Promise<Section> {
  const { lab, mode, onProgress } = context;
  const section = newSection("python");
  if (!existsSync(interpreter)) {
    lab.reportMissing("Python's modal client is not set up: node scripts/setup-python.mjs newest");
    return section;
  }
  const processes = mode === "smoke" ? 2 : 8;
  const seconds = { full: 2.5, quick: 1, smoke: 0.1 }[mode];
  const rounds = { full: 5, quick: 2, smoke: 1 }[mode];
  const running = [];
  for (const { id, name, spec } of servers) {
    onProgress(`${processes} Python processes for ${name}`);
    const server = await lab.server(spec);
    const directory = await lab.newDirectory();
    const callers = await Promise.all(
      Array.from({ length: processes }, () => PythonCaller.start(interpreter, server, directory)),
    );
    running.push({ id, name, server, callers });
  }
  const values = new Map<string, number[]>();
  const add = (id: string, value: number): void => void values.set(id, [...(values.get(id) ?? []), value]);
  for (let round = 0; round < rounds; round++) {
    for (const { id, name, server, callers } of round % 2 === 0 ? running : running.toReversed()) {
      for (const [kind, used] of [
        ["one", callers.slice(0, 1)],
        ["all", callers],
      ] as const) {
        onProgress(`round ${round + 1}: ${used.length} calling ${name}`);
        const before = processCpuUs(server.pid) ?? Number.NaN;
        const results = await Promise.all(used.map((caller) => caller.run(seconds)));
        const serverUs = (processCpuUs(server.pid) ?? Number.NaN) - before;
        const calls = results.reduce((sum, each) => sum + each.calls, 0);
        add(
          `${kind} rate ${id}`,
          results.reduce((sum, each) => sum + each.calls / each.seconds, 0),
        );
        add(`${kind} server CPU ${id}`, serverUs / calls);
        const clientUs = results.reduce((sum, each) => sum + each.cpuSeconds, 0) * 1e6;
        add(`${kind} client CPU ${id}`, clientUs / calls);
        if (kind === "one") add(`one share ${id}`, (serverUs / (results[0]!.seconds * 1e6)) * 100);
      }
    }
  }
  for (const { callers } of running) await Promise.all(callers.map((caller) => caller.stop()));
  for (const { id, name } of servers) {
    const figure = (key: string, title: string, unit: string): void => {
      section.figures.push({
        id: `python ${key} ${id}`,
        title: `${name}: ${title}`,
        unit,
        values: values.get(`${key} ${id}`) ?? [],
      });
    };
    figure("one rate", "gets awaited in sequence", "calls/s");
    figure("one client CPU", "client CPU a sequential get", "us");
    figure("one server CPU", "server CPU a sequential get", "us");
    figure("one share", "share of a sequential get's round trip that is server CPU", "%");
    figure("all rate", `gets from ${processes} processes`, "calls/s");
    figure("all client CPU", `client CPU a get with ${processes} processes`, "us");
    figure("all server CPU", `server CPU a get with ${processes} processes`, "us");
  }
  return section;
}
