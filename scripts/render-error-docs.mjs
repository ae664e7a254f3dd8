// The text of docs/errors.md, from the error table.

const retryText = {
  never: "Do not repeat: the same call fails the same way. Nothing was changed.",
  "after-backoff": "Repeat after a pause: nothing was done.",
  "if-idempotent":
    "The outcome is unknown. Reads, `put`, `update`, `clear` and `delete` may be repeated; `pop`, `remove`, conditional " +
    "`put` and creation only under the same idempotency key, which our client and Modal's do by themselves.",
};

/** Breaks a paragraph into lines of at most 120 characters. */
function wrapped(text) {
  return text.replaceAll(/(.{1,120})(?: |$)/g, "$1\n").trimEnd();
}

/** Renders the mistakes that people make, and one heading per code. */
export function renderErrorDocs(errorTable, status, mistakes) {
  const statusName = Object.fromEntries(Object.entries(status).map(([name, number]) => [number, name]));
  const sections = Object.entries(errorTable).map(
    ([code, rule]) => `## \`${code}\`

${wrapped(rule.meaning)}

| | |
| --- | --- |
| TypeScript class | \`${rule.className}\` |
| gRPC status | \`${statusName[rule.status]}\` (${rule.status}) |
| Retry | ${retryText[rule.retry]} |
`,
  );
  return `# Errors

<!-- Made by \`npm run generate\` from packages/protocol/src/error-table.ts and scripts/typical-mistakes.mjs. Do not edit. -->

Every expected failure is an \`EverdictError\` with one of the codes below. Codes do not change between major versions;
messages may. Over gRPC the code travels in the trailer \`x-everdict-code\` beside the status. Modal's Python client shows
the class of the status (\`NotFoundError\`, \`InvalidError\`, …; \`RequestSizeError\` for every size limit).

The client checks arguments before it sends anything: an unknown option, a wrong kind, a value out of bounds. The words are
the same for every engine.

${mistakes}
${sections.join("\n")}`;
}
