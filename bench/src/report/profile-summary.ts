import { renderTable } from "./render-table.ts";

/** What of Node's `.cpuprofile` is read. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Where the time went: the functions with the largest share of their own, idle time left out. */
export function summarizeProfile(profile: CpuProfile, count = 40): string {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const own = new Map<string, number>();
  let busyUs = 0;
  profile.samples.forEach((id, index) => {
    const frame = frames.get(id);
    const us = profile.timeDeltas[index] ?? 0;
    if (frame === undefined || frame.functionName === "(idle)") return;
    busyUs += us;
    const name = frameName(frame);
    own.set(name, (own.get(name) ?? 0) + us);
  });
  const rows = [...own]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, us]) => [name, `${((us / busyUs) * 100).toFixed(1)} %`, (us / 1000).toFixed(0)]);
  return renderTable([`function (busy ${(busyUs / 1000).toFixed(0)} ms)`, "own", "ms"], rows);
}

function frameName({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  const file = url.replace(/^.*\/(?=(packages|node_modules|bench)\/)/, "").replace(/^file:\/\//, "");
  return `${functionName || "(anonymous)"}${file === "" ? "" : ` ${file}:${lineNumber + 1}`}`;
}
