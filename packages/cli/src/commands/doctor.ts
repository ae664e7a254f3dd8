import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { DirectoryReport, SegmentReport } from "@everdict/embedded/log";
import { escapeControls } from "@everdict/pickle/show";
import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import { usageError } from "../cli-error.ts";
import type { ExitReason } from "../exit-codes.ts";
import { fileError } from "../input/file-error.ts";
import { parsePath } from "../input/parse-path.ts";
import { writeJson } from "../output/write-json.ts";
import { writeOut } from "../output/write-out.ts";
import { writeTable } from "../output/write-table.ts";
import { examineOtherFiles, tokensName } from "./examine-other-files.ts";
import { addCommonOptions, newCommand, runs } from "./new-command.ts";
import { salvage } from "./salvage.ts";

/** `everdict doctor DIRECTORY` and `everdict doctor --salvage DIRECTORY OUTPUT` */
export function doctorCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "doctor",
    summary: "Check every byte of a data directory, or save what is left of it",
    details:
      "Verifies every checksum and shows every file. Changes nothing, and works while a server runs on the directory. Exit status 5 says that something is damaged; where, and what is whole besides, is shown. With --salvage every whole record is written into a new directory, on which a server starts, and what is lost is listed; exit status 5 then says that something is lost.",
    examples: [
      "everdict doctor /srv/everdict",
      "everdict doctor /srv/everdict --json",
      "everdict doctor --salvage /srv/everdict /srv/everdict-saved",
    ],
  });
  command
    .argument("<directory>", "the data directory", parsePath)
    .argument("[output]", "with --salvage: the data directory to make", parsePath)
    .option("--salvage", "save every whole record into a new directory");
  return addCommonOptions(command).action(
    runs(context, async (directory: string, output: string | undefined, options: { salvage?: boolean }) => {
      if (options.salvage !== true && output !== undefined)
        throw usageError("a second directory goes with --salvage only");
      if (options.salvage === true && output === undefined)
        throw usageError("--salvage needs the directory to save into");
      await requireDirectory(directory);
      return output === undefined ? doctor(context, directory) : salvage(context, directory, output);
    }),
  );
}

async function requireDirectory(directory: string): Promise<void> {
  const stats = await stat(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw fileError(error, "examine", directory);
  });
  if (stats === undefined) throw usageError(`there is no directory ${directory}`);
  if (!stats.isDirectory()) throw usageError(`${directory} is not a directory`);
}

async function doctor(context: CliContext, directory: string): Promise<ExitReason> {
  const report = await examine(resolve(directory)).catch((error: unknown) => {
    throw fileError(error, "examine", directory);
  });
  if (context.json) await writeJson(context.stdout, reportJson(report));
  else await show(context, directory, report);
  return report.isWhole ? "ok" : "failed";
}

async function examine(directory: string): Promise<DirectoryReport> {
  const { examineDirectory } = await import("@everdict/embedded/log");
  const report = await examineDirectory(directory);
  const files = await examineOtherFiles(directory, report.files);
  return { ...report, files, isWhole: report.isWhole && !files.some(({ isDamaged }) => isDamaged) };
}

async function show(context: CliContext, directory: string, report: DirectoryReport): Promise<void> {
  const { owner, segments, files } = report;
  if (owner !== undefined) {
    const text = `In use by process ${owner.pid} on ${owner.host}: this is how it was a moment ago.\n\n`;
    await writeOut(context.stdout, text);
  }
  await writeTable(
    context.stdout,
    ["Segment", "Bytes", "Live", "Dead", "Records", "Sequence numbers", "State"],
    segments.map((segment) => [
      String(segment.number),
      String(segment.bytes),
      segment.liveBytes === undefined ? "?" : String(segment.liveBytes),
      segment.liveBytes === undefined ? "?" : String(segment.bytes - segment.liveBytes),
      String(segment.records),
      segment.sequences === undefined ? "-" : segment.sequences.join(" to "),
      stateOf(segment),
    ]),
  );
  if (files.length > 0) {
    await writeOut(context.stdout, "\n");
    await writeTable(
      context.stdout,
      ["File", "Bytes", "What", "State"],
      files.map(({ name, bytes, what, state }) => [escapeControls(name), String(bytes), what, state]),
    );
  }
  await writeOut(context.stdout, `\n${[...findings(report), ...verdict(directory, report)].join("\n")}\n`);
}

function stateOf({ damage, unfinishedBytes }: SegmentReport): string {
  if (damage.length > 0) return "damaged";
  return unfinishedBytes > 0 ? `whole, and ${unfinishedBytes} bytes not in use` : "whole";
}

function findings(report: DirectoryReport): string[] {
  const { segments, missing, files, isRestoreUnfinished } = report;
  const damage = segments.flatMap(({ number, damage: stretches }) =>
    stretches.map(
      ({ from, to, what }) => `Segment ${number} is damaged from byte ${from} to ${to}: ${what}.`,
    ),
  );
  const gone = missing.map(
    ({ number, bytes }) =>
      `Segment ${number} is missing${bytes === 0 ? ", and with it the end of the log" : ` or cut: it should have ${bytes} bytes`}.`,
  );
  const others = files
    .filter(({ isDamaged }) => isDamaged)
    .map(({ name, state }) => `The file ${name} is damaged: ${state}.`);
  const unfinished =
    "A restore or salvage into this directory was not completed: run `everdict restore` or `everdict doctor --salvage` again.";
  return [...damage, ...gone, ...others, ...endOf(report), ...(isRestoreUnfinished ? [unfinished] : [])];
}

/** Where the log ends, if that is not known for sure. */
function endOf({ owner, segments, isWhole, isEndProven }: DirectoryReport): string[] {
  const last = segments.at(-1);
  if (owner !== undefined || isEndProven || !isWhole || last === undefined) return [];
  const unused =
    last.unfinishedBytes === 0 ? "" : ` The ${last.unfinishedBytes} bytes behind it are cut off then.`;
  return [
    `The store was not closed in order: what was written last may be missing behind byte ${last.bytes} of segment ${last.number}, where the next start goes on.${unused}`,
  ];
}

function verdict(directory: string, report: DirectoryReport): string[] {
  const { segments, files, isWhole, opens, isRestoreUnfinished } = report;
  const records = segments.reduce((sum, segment) => sum + segment.records, 0);
  if (segments.length === 0 && isWhole) return [`There is no log in ${directory}.`];
  if (isWhole) return [`Everything is whole: ${records} records in ${segments.length} segments.`];
  if (isRestoreUnfinished) return ["The directory is not usable yet."];
  if (opens && segments.every(({ damage }) => damage.length === 0)) {
    const isBarred = files.some(({ name, isDamaged }) => isDamaged && name === tokensName);
    const start = isBarred ? "No server starts until that file is put right or removed." : "A server starts.";
    return [`The log is whole: ${records} records in ${segments.length} segments. ${start}`];
  }
  if (opens) return [`${records} records are whole: nothing is lost. The next start mends what is damaged.`];
  return [
    `${records} records are whole; those in the damaged or missing places are lost, unless a backup has them. Restore a ` +
      "backup, or save what is whole:",
    `  everdict doctor --salvage ${directory} NEW_DIRECTORY`,
    "A server refuses the directory, or refuses what it reads from there, so that nothing is lost in silence. Keep these files.",
  ];
}

function reportJson(report: DirectoryReport): object {
  const { owner, segments, files, missing, isRestoreUnfinished, isWhole, opens, isEndProven } = report;
  return {
    whole: isWhole,
    opens,
    end_proven: isEndProven,
    owner: owner ?? null,
    restore_unfinished: isRestoreUnfinished,
    missing,
    segments: segments.map(({ number, bytes, liveBytes, records, sequences, unfinishedBytes, damage }) => ({
      number,
      bytes,
      live_bytes: liveBytes ?? null,
      dead_bytes: liveBytes === undefined ? null : bytes - liveBytes,
      records,
      first_sequence: sequences?.[0] ?? null,
      last_sequence: sequences?.[1] ?? null,
      unfinished_bytes: unfinishedBytes,
      damage: damage.map(({ from, to, what, isMendable }) => ({ from, to, what, mendable: isMendable })),
    })),
    files: files.map(({ name, bytes, what, state, isDamaged }) => ({
      name,
      bytes,
      what,
      state,
      damaged: isDamaged,
    })),
  };
}
