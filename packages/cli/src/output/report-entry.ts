import { decodeShownValue, formatValue, Undecodable } from "@everdict/pickle/show";
import type { FoundEntry } from "@everdict/protocol";
import type { CliContext } from "../cli-context.ts";
import type { ExitReason } from "../exit-codes.ts";
import { toJsonText } from "../values/to-json-text.ts";
import { formatLocalTime } from "./format-time.ts";
import { keyIsAbsent } from "./report-value.ts";
import { writeOut } from "./write-out.ts";
import { writeTable } from "./write-table.ts";

/**
 * Prints an entry with its version and its end.
 *
 * @throws {CliError} reason `no` if there is none
 */
export async function reportEntry(context: CliContext, entry: FoundEntry | undefined): Promise<ExitReason> {
  if (entry === undefined) return keyIsAbsent();
  const value = decodeShownValue(entry.value);
  const { version, expiresAtMs } = entry;
  const endsAt = expiresAtMs === undefined ? undefined : new Date(expiresAtMs);
  if (context.json) {
    const rest = JSON.stringify({ version, expires_at: endsAt?.toISOString() ?? null });
    await writeOut(context.stdout, `{"value":${toJsonText(value)},${rest.slice(1)}\n`);
  } else {
    const ends = endsAt === undefined ? "never" : formatLocalTime(endsAt);
    await writeTable(context.stdout, ["Version", "Ends", "Value"], [[version, ends, formatValue(value)]]);
  }
  return value instanceof Undecodable ? "failed" : "ok";
}
