import { escapeControls } from "@everdict/pickle/show";
import type { CliContext } from "../cli-context.ts";
import { writeJson } from "./write-json.ts";
import { writeTable } from "./write-table.ts";

/**
 * Prints what is known of one thing: a line for each fact, or with `--json` an object. The names are those of the
 * JSON; what is not known is null there and a dash for people.
 */
export async function reportFacts(
  context: CliContext,
  facts: Readonly<Record<string, string | number | undefined>>,
): Promise<void> {
  const known = Object.entries(facts);
  if (context.json) {
    await writeJson(context.stdout, Object.fromEntries(known.map(([name, fact]) => [name, fact ?? null])));
    return;
  }
  const [first = [], ...rest] = known.map(([name, fact]) => [
    headingOf(name),
    escapeControls(String(fact ?? "-")),
  ]);
  await writeTable(context.stdout, first, rest);
}

function headingOf(name: string): string {
  return `${name[0]?.toUpperCase()}${name.slice(1).replaceAll("_", " ")}`;
}
