// What was measured, for people: a table for each number of entries and durability, a row for each figure.

// A smaller figure is the better one.
const smallerIsBetter = new Set(["ms", "x", "MiB", ""]);

export function printTables(results) {
  for (const result of results) {
    const { durability, entries, peers } = result;
    console.log(`\n## ${entries.toLocaleString("en")} entries, ${durability}\n`);
    print(["", ...peers.map(({ title }) => title)], rows(result));
  }
  printGrowth(results);
}

function rows({ figures, peers }) {
  const kinds = [...new Map(figures.map(({ what, unit }) => [what, unit]))];
  return kinds.map(([what, unit]) => {
    const own = median(values(figures, what, peers[0]?.name));
    const cells = peers.map(({ name }, index) => {
      const measured = values(figures, what, name);
      if (measured.length === 0) return "-";
      const ratio = index === 0 ? "" : ` (${ratioText(own, median(measured), unit)})`;
      return `${number(median(measured))}${spread(measured)}${ratio}`;
    });
    return [unit === "" ? what : `${what}, ${unit}`, ...cells];
  });
}

/** How many times as good the first peer is. */
function ratioText(own, other, unit) {
  const ratio = smallerIsBetter.has(unit) ? other / own : own / other;
  return Number.isFinite(ratio) ? `${ratio.toFixed(ratio < 10 ? 2 : 0)}x` : "-";
}

/** What many entries cost more than few. */
function printGrowth(results) {
  for (const durability of new Set(results.map((result) => result.durability))) {
    const [small, ...larger] = results.filter((result) => result.durability === durability);
    if (larger.length === 0) continue;
    console.log(
      `\n## Cost of a call, of that at ${small.entries.toLocaleString("en")} entries, ${durability}\n`,
    );
    const lines = larger.flatMap((large) =>
      ["get x256", "put x256", "put x1"].map((what) => [
        `${what}, ${large.entries.toLocaleString("en")}`,
        ...small.peers.map(({ name }) => {
          const many = median(values(large.figures, what, name));
          return Number.isNaN(many)
            ? "-"
            : `${(median(values(small.figures, what, name)) / many).toFixed(2)}x`;
        }),
      ]),
    );
    print(["", ...small.peers.map(({ title }) => title)], lines);
  }
}

function print(head, lines) {
  for (const line of [head, head.map(() => "---"), ...lines]) console.log(`| ${line.join(" | ")} |`);
}

function values(figures, what, peer) {
  return figures.filter((figure) => figure.what === what && figure.peer === peer).map(({ value }) => value);
}

function median(measured) {
  const sorted = measured.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function spread(measured) {
  return measured.length < 2 ? "" : ` [${number(Math.min(...measured))}-${number(Math.max(...measured))}]`;
}

function number(value) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(0)}k`;
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(2);
}
