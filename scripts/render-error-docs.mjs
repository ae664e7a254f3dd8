// The text of docs/errors.md, from the error table.

const retryText = {
  never: "Do not repeat: the same call fails the same way. Nothing was changed.",
  "after-backoff": "Repeat after a pause: nothing was done.",
  "if-idempotent":
    "The outcome is unknown. Reads, `put`, `update`, `clear` and `delete` may be repeated; `pop`, conditional `put` and " +
    "creation only under the same idempotency key, which our client and Modal's do by themselves.",
};

/** Renders one heading per code. */
export function renderErrorDocs(errorTable, status) {
  const statusName = Object.fromEntries(Object.entries(status).map(([name, number]) => [number, name]));
  const sections = Object.entries(errorTable).map(
    ([code, rule]) => `## \`${code}\`

${rule.meaning}

| | |
| --- | --- |
| TypeScript class | \`${rule.className}\` |
| gRPC status | \`${statusName[rule.status]}\` (${rule.status}) |
| Retry | ${retryText[rule.retry]} |
`,
  );
  return `# Errors

<!-- Made by \`npm run generate\` from packages/protocol/src/error-table.ts. Do not edit. -->

Every expected failure is an \`EverdictError\` with one of the codes below. Codes do not change between major versions;
messages may. Over gRPC the code travels in the trailer \`x-everdict-code\` beside the status; Modal's Python client
shows the class that belongs to the status (\`NotFoundError\`, \`InvalidError\`, …; \`RequestSizeError\` for every size limit).
A mistake in the program itself (a wrong argument type that TypeScript would have refused) may be a plain \`TypeError\`.

${sections.join("\n")}`;
}
