import { parseArgs } from "node:util";
import type { Mode } from "./report/report.ts";
import { barSections, sections } from "./sections/sections.ts";

/** How to call the suite. */
export const usage = `npm run bench [-- SECTION… OPTIONS]        sections: ${Object.keys(sections).join(", ")} (default: all)
npm run bench -- bars [OPTIONS]            what the table of bars needs, in more rounds, and the table
npm run bench -- chart [--json FILE]       chart and tables of the documents anew, from saved results
npm run bench -- profile FILE…             where the time of CPU profiles went

  --quick            to see a change: fewer cases, less time
  --smoke            to see that it runs: no figure means anything
  --only REGEX       candidates by id          --case REGEX   comparisons by id
  --json FILE        where results go          --save         results go where the documents come from
  --profile DIR      CPU profiles of every client and server
  --directory DIR    the disk to measure (default: the system's place for temporary files)`;

/** What the command line asks for. */
export interface Options {
  readonly command: "run" | "bars" | "chart" | "profile" | "help";
  readonly sectionNames: readonly string[];
  readonly files: readonly string[];
  readonly mode: Mode;
  readonly only: RegExp;
  readonly cases: RegExp;
  readonly json: string | undefined;
  readonly save: boolean;
  readonly profileDirectory: string | undefined;
  readonly directory: string | undefined;
}

/** Reads the command line. @throws for unknown options and sections */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      smoke: { type: "boolean", default: false },
      save: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      case: { type: "string", default: "" },
      json: { type: "string" },
      profile: { type: "string" },
      directory: { type: "string" },
    },
  });
  const [first = "run"] = positionals;
  const command = values.help
    ? "help"
    : first === "bars" || first === "chart" || first === "profile"
      ? first
      : "run";
  const named = command === "run" ? positionals : [];
  const unknown = named.filter((name) => sections[name] === undefined);
  if (unknown.length > 0) throw new Error(`no such section: ${unknown.join(", ")}\n\n${usage}`);
  const all = command === "bars" ? barSections : Object.keys(sections);
  return {
    command,
    sectionNames: named.length > 0 ? named : all,
    files: positionals.slice(1),
    mode: values.smoke ? "smoke" : values.quick ? "quick" : "full",
    only: new RegExp(values.only),
    cases: new RegExp(values.case),
    json: values.json,
    save: values.save,
    profileDirectory: values.profile,
    directory: values.directory,
  };
}
