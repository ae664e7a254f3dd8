import { resolve } from "node:path";
import type { DirectoryReport, SegmentReport } from "@everdict/embedded/log";
import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import type { ExitReason } from "../exit-codes.ts";
import { fileError } from "../input/file-error.ts";
import { writeJson } from "../output/write-json.ts";
import { writeOut } from "../output/write-out.ts";
import { writeTable } from "../output/write-table.ts";
import { addCommonOptions, newCommand, runs } from "./new-command.ts";

/** `everdict doctor DIRECTORY` */
export function doctorCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "doctor",
    summary: "Check every byte of a data directory",
    details:
      "Verifies every checksum and shows the segments of the log. Changes nothing, and works while a server runs on the directory. Exit status 5 says that something is damaged; where, and what is whole besides, is shown.",
    examples: ["everdict doctor /srv/everdict", "everdict doctor /srv/everdict --json"],
  });
  return addCommonOptions(command.argument("<directory>", "the data directory")).action(
    runs(context, (directory: string) => doctor(context, directory)),
  );
}

async function doctor(context: CliContext, directory: string): Promise<ExitReason> {
  const { examineDirectory } = await import("@everdict/embedded/log");
  const report = await examineDirectory(resolve(directory)).catch((error: unknown) => {
    throw fileError(error, "examine", directory);
  });
  if (context.json) await writeJson(context.stdout, reportJson(report));
  else await show(context, directory, report);
  return report.isWhole ? "ok" : "failed";
}

async function show(context: CliContext, directory: string, report: DirectoryReport): Promise<void> {
  const { owner, segments } = report;
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
  await writeOut(context.stdout, `\n${[...findings(report), verdict(directory, report)].join("\n")}\n`);
}

function stateOf({ damage, unfinishedBytes }: SegmentReport): string {
  if (damage.length > 0) return "damaged";
  return unfinishedBytes > 0 ? `whole, and ${unfinishedBytes} bytes not yet in use` : "whole";
}

function findings({ segments, missing, isRestoreUnfinished }: DirectoryReport): string[] {
  const damage = segments.flatMap(({ number, damage: stretches }) =>
    stretches.map(
      ({ from, to, what }) => `Segment ${number} is damaged from byte ${from} to ${to}: ${what}.`,
    ),
  );
  const gone = missing.map(
    ({ number, bytes }) =>
      `Segment ${number} is missing${bytes === 0 ? ", and with it the end of the log" : ` or cut: it should have ${bytes} bytes`}.`,
  );
  const unfinished = "A restore into this directory was not completed: run `everdict restore` again.";
  return [...damage, ...gone, ...(isRestoreUnfinished ? [unfinished] : [])];
}

function verdict(directory: string, { segments, isWhole, isRestoreUnfinished }: DirectoryReport): string {
  const records = segments.reduce((sum, segment) => sum + segment.records, 0);
  if (segments.length === 0 && isWhole) return `There is no log in ${directory}.`;
  if (isWhole) return `Everything is whole: ${records} records in ${segments.length} segments.`;
  if (isRestoreUnfinished) return "The directory is not usable yet.";
  return (
    `${records} records are whole and can be recovered; those in the damaged or missing places cannot. ` +
    "No server starts on the directory, so that nothing is lost in silence: restore a backup, and keep these files."
  );
}

function reportJson({ owner, segments, missing, isRestoreUnfinished, isWhole }: DirectoryReport): object {
  return {
    whole: isWhole,
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
      damage,
    })),
  };
}
