import { runNode } from "../processes/run-script.ts";
import { newSection, type Section } from "../report/report.ts";
import type { SectionContext } from "./section-context.ts";

/** Idle sessions, ephemeral dictionaries, entries of a dictionary whose consumers stop. */
const sizes = {
  full: [5000, 50_000, 1_000_000],
  quick: [1000, 1000, 200_000],
  smoke: [50, 50, 20_000],
} as const;

/** What sessions cost a server: memory of an idle one, and of a consumer that stops reading. */
export async function session({ mode, onProgress }: SectionContext): Promise<Section> {
  const section = newSection("session");
  const [sessions, dicts, entries] = sizes[mode];
  onProgress(`${sessions} idle sessions and ${dicts} ephemeral dictionaries`);
  const idle = await runNode(["conformance/scripts/idle-sessions.mjs", String(sessions), String(dicts)]);
  for (const [, carrier, kib] of idle.matchAll(/^(.+): (-?[\d.]+) KiB a session/gm)) {
    const title = `${carrier}: memory of an idle session`;
    section.figures.push({ id: `session idle ${carrier}`, title, unit: "KiB", values: [Number(kib)] });
  }
  for (const [, what, bytes] of idle.matchAll(/^(ephemeral dictionary.*): (-?\d+) bytes/gm)) {
    const title = `memory of an ${what}`;
    section.figures.push({ id: `session ${what}`, title, unit: "B", values: [Number(bytes)] });
  }
  onProgress(`a consumer that stops among ${entries} entries`);
  const slow = await runNode(["conformance/scripts/slow-consumer.mjs", String(entries)]);
  const number = (pattern: RegExp): number[] => [...slow.matchAll(pattern)].map((match) => Number(match[1]));
  section.figures.push(
    {
      id: "session slow consumer growth",
      title: `server memory for consumers that stop reading ${entries.toLocaleString("en")} entries`,
      unit: "MiB",
      values: number(/^server: (-?[\d.]+) MiB more/gm),
    },
    {
      id: "session neighbour p99 before",
      title: "a neighbour's p99 before",
      unit: "us",
      values: number(/^neighbour before: .*p99 (\d+) us/gm),
    },
    {
      id: "session neighbour p99 meanwhile",
      title: "a neighbour's p99 meanwhile",
      unit: "us",
      values: number(/^neighbour meanwhile: .*p99 (\d+) us/gm),
    },
  );
  return section;
}
