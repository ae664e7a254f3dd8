import type { CliContext } from "../cli-context.ts";
import { writeJson } from "./write-json.ts";
import { writeOut } from "./write-out.ts";

/** Says what a command did: `json` with `--json`, else one line of text. */
export async function reportResult(context: CliContext, json: unknown, text: string): Promise<void> {
  if (context.json) await writeJson(context.stdout, json);
  else await writeOut(context.stdout, `${text}\n`);
}
