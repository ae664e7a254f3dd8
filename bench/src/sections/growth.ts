import { DriverProcess } from "../processes/driver-process.ts";
import { newSection, type Section } from "../report/report.ts";
import { pairedRatios, spreadOf } from "../report/statistics.ts";
import type { RunningServer } from "../servers/running-server.ts";
import { type SectionContext, timingOf } from "./section-context.ts";

const outstanding = 256;

interface Grown {
  readonly count: number;
  readonly driver: DriverProcess;
  /** Microseconds a call, a round each. */
  readonly timesUs: Readonly<Record<"get" | "put" | "len", number[]>>;
}

/**
 * What a large dictionary costs more than a small one: the same calls over a session against two servers, one of which
 * has 1,000 times the entries of the other.
 */
export async function growth(context: SectionContext): Promise<Section> {
  const { lab, mode, onProgress } = context;
  const section = newSection("growth");
  const counts = { full: [10_000, 10_000_000], quick: [10_000, 1_000_000], smoke: [100, 2000] }[mode];
  const grown: Grown[] = [];
  for (const count of counts) {
    onProgress(`filling ${count.toLocaleString("en")} entries`);
    const server = await lab.server({ kind: "everdict", store: "everysec", instance: count });
    grown.push(await grow(context, server, count));
  }
  const { rounds, warmUpMs, measureMs } = timingOf(context);
  for (let round = 0; round < rounds; round++) {
    for (const each of round % 2 === 0 ? grown : grown.toReversed()) {
      onProgress(`round ${round + 1}: ${each.count.toLocaleString("en")} entries`);
      const loop = { do: "closedLoop", size: "100 B", warmUpMs, measureMs } as const;
      for (const operation of ["get", "put"] as const) {
        const sample = await each.driver.measure({ ...loop, operation, outstanding });
        each.timesUs[operation].push(1e6 / sample.perSecond);
      }
      each.timesUs.len.push((await each.driver.measure({ ...loop, operation: "len", outstanding: 1 })).p50Us);
    }
  }
  report(section, grown);
  await clearEach(section, grown);
  return section;
}

async function grow({ lab }: SectionContext, server: RunningServer, count: number): Promise<Grown> {
  const { port, tokenId, tokenSecret } = server;
  const driver = await DriverProcess.start({
    client: {
      kind: "everdict",
      transport: "session",
      lowLatency: false,
      server: { port, tokenId, tokenSecret },
    },
    serverPid: server.pid,
    name: `growth-${count}`,
    profileDirectory: lab.profileDirectory,
  });
  await driver.prepare({ do: "fill", size: "100 B", keyCount: count, batchSize: 5000 });
  return { count, driver, timesUs: { get: [], put: [], len: [] } };
}

function report(section: Section, [small, large]: readonly Grown[]): void {
  for (const operation of ["get", "put", "len"] as const) {
    const [few, many] = [small!.timesUs[operation], large!.timesUs[operation]];
    const title = `${operation}, ${large!.count.toLocaleString("en")} entries against ${small!.count.toLocaleString("en")}`;
    const id = `growth ${operation} to ${large!.count}`;
    section.figures.push({ id, title, unit: "x", values: pairedRatios(many, few) });
    for (const { count, timesUs } of [small!, large!]) {
      const load =
        operation === "len" ? "one after the other, p50" : `${outstanding} outstanding, time per call`;
      const named = `${operation} of ${count.toLocaleString("en")} entries, ${load}`;
      section.figures.push({
        id: `growth ${operation} ${count}`,
        title: named,
        unit: "us",
        values: timesUs[operation],
      });
    }
  }
}

/** Last, since it can be done once: how long `clear` takes its caller. */
async function clearEach(section: Section, grown: readonly Grown[]): Promise<void> {
  const tookMs: number[] = [];
  for (const { count, driver } of grown) {
    const ms = await driver.clear();
    tookMs.push(ms);
    const title = `clear of ${count.toLocaleString("en")} entries`;
    section.figures.push({ id: `growth clear ${count}`, title, unit: "ms", values: [ms] });
    await driver.close();
  }
  section.notes.push(
    `\`clear\` took ${spreadOf(tookMs).high.toFixed(1)} ms at the most; it is durable at once, so a flush is part of it.`,
  );
}
