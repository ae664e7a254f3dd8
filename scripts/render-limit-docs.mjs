// The text of docs/limits.md, from the table of limits.

const KIB = 1024;
const sizes = [
  [KIB ** 3, "GiB"],
  [KIB ** 2, "MiB"],
  [KIB, "KiB"],
];

function amount(value, unit) {
  if (unit === "milliseconds") return value % 1000 === 0 ? `${value / 1000} s` : `${value} ms`;
  if (unit !== "bytes") return `${value.toLocaleString("en-US")} ${unit}`;
  const [factor, name] = sizes.find(([each]) => value >= each && value % each === 0) ?? [1, "bytes"];
  return `${value / factor} ${name}`;
}

/** Renders one table, with the figures that the code itself uses. */
export function renderLimitDocs(limitTable, limitDefaults) {
  const rows = Object.entries(limitTable).map(
    ([name, row]) =>
      `| \`${name}\` | ${amount(limitDefaults[name], row.unit)} per ${row.per} | ${row.bounds} | ${row.beyond} | ${row.change ?? "-"} |`,
  );
  return `# Limits

<!-- Made by \`npm run generate\` from packages/protocol/src/limit-table.ts and limit-defaults.ts. Do not edit. -->

This page lists what a server limits, and what happens beyond a limit. A refused request changes nothing.
[Errors](errors.md) explains the codes. In the last column, \`limits.…\` are options of an engine. \`sessionLimits.…\`,
\`memory.…\` and names without a prefix are options of \`startServer\`. A limit with \`-\` cannot be changed.

| limit | default | bounds | beyond it | to change it |
| --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}
