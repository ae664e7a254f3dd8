import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { SalvageReport } from "@everdict/embedded/log";
import type { CliContext } from "../cli-context.ts";
import { filesAlongside } from "../data-directory.ts";
import type { ExitReason } from "../exit-codes.ts";
import { fileError } from "../input/file-error.ts";
import { writeJson } from "../output/write-json.ts";
import { writeOut } from "../output/write-out.ts";
import { writeTable } from "../output/write-table.ts";
import { examineOtherFiles, tokensName } from "./examine-other-files.ts";

/** Saves what is whole in a damaged data directory into a new one, and says what is lost. */
export async function salvage(context: CliContext, directory: string, output: string): Promise<ExitReason> {
  const { salvageDirectory } = await import("@everdict/embedded/log");
  const damagedFile = await tokensDamage(resolve(directory));
  const report = await salvageDirectory({
    directory: resolve(directory),
    output: resolve(output),
    alongside: damagedFile === undefined ? filesAlongside : [],
  }).catch((error: unknown) => {
    throw fileError(error, "salvage", directory);
  });
  if (context.json) await writeJson(context.stdout, reportJson(output, report, damagedFile));
  else await show(context, output, report, damagedFile);
  return report.isComplete && damagedFile === undefined ? "ok" : "failed";
}

/** What is wrong with the tokens; a server would not start beside them, or let nobody in. */
async function tokensDamage(directory: string): Promise<string | undefined> {
  const files = (await readdir(directory)).map((name) => ({
    name,
    bytes: 0,
    what: "",
    state: "",
    isDamaged: false,
  }));
  const examined = await examineOtherFiles(directory, files);
  return examined.find(({ name, isDamaged }) => name === tokensName && isDamaged)?.state;
}

async function show(
  context: CliContext,
  output: string,
  report: SalvageReport,
  damagedFile: string | undefined,
): Promise<void> {
  await writeTable(
    context.stdout,
    ["Environment", "Dict", "Entries", "Lost", "Of these with an older value"],
    report.dicts.map(({ environment, name, entries, lost, older }) => [
      environment,
      name === "" ? "(ephemeral)" : name,
      String(entries),
      String(lost),
      String(older),
    ]),
  );
  const lines = [...losses(report), ...(damagedFile === undefined ? [] : [tokensLost(damagedFile)])];
  if (lines.length === 0 && report.isEndProven) lines.push("Nothing is lost.");
  if (!report.isEndProven)
    lines.push(
      "The store was not closed in order: what was written last may be missing, and nobody knows what it was.",
    );
  lines.push(
    `Saved ${report.records} records in ${output}: \`everdict serve --data-dir ${output}\` starts on it.`,
  );
  await writeOut(context.stdout, `\n${lines.join("\n")}\n`);
}

function losses({ unreadable, missing }: SalvageReport): string[] {
  return [
    ...unreadable.map(
      ({ segment, from, to, isKnown }) =>
        `Segment ${segment} is unreadable from byte ${from} to ${to}: ` +
        (isKnown ? "what was there is counted above." : "nobody knows what was there."),
    ),
    ...missing
      .filter(({ number }) => !unreadable.some(({ segment }) => segment === number))
      .map(({ number, bytes }) => `Segment ${number} is missing or cut: it had ${bytes || "some"} bytes.`),
  ];
}

function tokensLost(why: string): string {
  return `The tokens are not saved: ${why}. The server makes a first token when it starts.`;
}

function reportJson(output: string, report: SalvageReport, damagedFile: string | undefined): object {
  const { dicts, records, unreadable, missing, isEndProven, isComplete } = report;
  return {
    directory: resolve(output),
    records,
    complete: isComplete && damagedFile === undefined,
    end_proven: isEndProven,
    dicts,
    missing,
    unreadable: unreadable.map(({ segment, from, to, isKnown }) => ({ segment, from, to, known: isKnown })),
    tokens_lost: damagedFile ?? null,
  };
}
