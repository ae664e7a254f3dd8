/**
 * The chart of the README, as an SVG written by hand: for each measure one bar for Redis and one for Everdict with
 * the same promise. Each pair has its own scale, since operations a second of different operations do not compare.
 */
import { baseOf } from "../candidates.ts";
import { ratioOf } from "./render-report.ts";
import { short } from "./render-table.ts";
import { findRow, type Report } from "./report.ts";
import { spreadOf } from "./statistics.ts";

interface Pair {
  readonly title: string;
  readonly comparison: string;
  readonly unit: string;
  readonly ours: string;
  readonly theirs: string;
}

const pairs: readonly Pair[] = [
  pair("get, 256 outstanding", "get 100 B x256", "everysec"),
  pair("put, on disk within a second, 256 outstanding", "put 100 B x256", "everysec"),
  pair("put, on disk before the answer, 256 outstanding", "put 100 B x256", "fsync"),
  pair("pop, on disk before the answer, 256 outstanding", "pop 100 B x256", "fsync"),
  pair("update of 10,000 entries, on disk before the answer", "update 10000", "fsync", "entries"),
  {
    ...pair("get, one after the other, lowLatency", "get 100 B x1", "fsync"),
    ours: "everdict-sync-session-spin",
  },
];

const width = 760;
const left = 20;
const barLeft = 100;
const barWidth = 470;
const barHeight = 16;
const rowHeight = 74;
const top = 58;

function pair(title: string, comparison: string, promise: "fsync" | "everysec", unit = "ops"): Pair {
  const ours = promise === "fsync" ? "everdict-sync-session" : "everdict-everysec-session";
  return { title, comparison, unit, ours, theirs: baseOf[promise] };
}

/** The chart of a report; pairs that were not measured are left out. */
export function renderChart(report: Report): string {
  const drawn = pairs.flatMap((each) => drawPair(report, each));
  const height = top + drawn.length * rowHeight + 26;
  const { cores, processor } = report.machine;
  const { redis, ioredis, node } = report.versions;
  const foot = `Medians of interleaved rounds of one run. ${cores} cores (${processor}), Node ${node}, Redis ${redis}, ioredis ${ioredis}.`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">Everdict against Redis with the same promise, operations a second</title>
<style>
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
.title { font-weight: 600; font-size: 15px; }
.quiet { fill: #59636e; font-size: 12px; }
.ratio { font-weight: 600; font-size: 20px; text-anchor: end; }
.name { text-anchor: end; }
.ours { fill: #0f766e; }
.theirs { fill: #9aa4ae; }
.frame { fill: #ffffff; stroke: #d1d9e0; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.quiet { fill: #9198a1; }
.ours { fill: #2dd4bf; }
.theirs { fill: #656c76; }
.frame { fill: #0d1117; stroke: #3d444d; }
}
</style>
<rect class="frame" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
<text class="title" x="${left}" y="28">Everdict over its session, beside Redis with ioredis and auto-pipelining</text>
<text class="quiet" x="${left}" y="46">operations a second, encoding and decoding included; each pair on its own scale, longer is better</text>
${drawn.map((draw, index) => draw(top + index * rowHeight)).join("\n")}
<text class="quiet" x="${left}" y="${height - 14}">${escapeXml(foot)}</text>
</svg>
`;
}

function drawPair(
  report: Report,
  { title, comparison, unit, ours, theirs }: Pair,
): ((y: number) => string)[] {
  const rows = [findRow(report, comparison, ours), findRow(report, comparison, theirs)] as const;
  const [our, their] = rows;
  if (our === undefined || their === undefined) return [];
  const rates = rows.map((row) => spreadOf(row!.samples.map((each) => each.perSecond)).median);
  const scale = barWidth / Math.max(...rates);
  const bar = (y: number, name: string, kind: string, rate: number): string =>
    `<text class="name" x="${barLeft - 8}" y="${y + 12.5}">${name}</text>` +
    `<rect class="${kind}" x="${barLeft}" y="${y}" width="${Math.max(2, rate * scale).toFixed(1)}" height="${barHeight}" rx="2"/>` +
    `<text class="quiet" x="${(barLeft + rate * scale + 8).toFixed(1)}" y="${y + 12.5}">${short(rate)} ${unit}/s</text>`;
  return [
    (y) =>
      `<text x="${left}" y="${y + 14}">${escapeXml(title)}</text>\n` +
      `${bar(y + 22, "Everdict", "ours", rates[0]!)}\n${bar(y + 42, "Redis", "theirs", rates[1]!)}\n` +
      `<text class="ratio" x="${width - left}" y="${y + 47}">${ratioOf(our, their).median.toFixed(1)}x</text>`,
  ];
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
