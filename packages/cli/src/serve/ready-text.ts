import type { Durability } from "@everdict/protocol";
import { pasteLines, type ServerCredentials, shellQuote } from "./paste-lines.ts";

/** The facts about a server that began to listen. */
export interface ReadyServer {
  readonly version: string;
  readonly url: string;
  /** Undefined: everything is in memory. */
  readonly directory: string | undefined;
  /** A store that other servers may also have open. Then the directory has only tokens. */
  readonly shared?: string | undefined;
  /** Of dictionaries that are created without one of their own. Default: `sync`. */
  readonly durability?: Durability | undefined;
  readonly credentials: ServerCredentials;
  /** Whether this command finds the server by itself, as on the usual data directory. */
  readonly isFound: boolean;
  /** Whether browsers are shown the dashboard; undefined: nobody asked for it. */
  readonly hasDashboard?: boolean | undefined;
  /** What the operator should know. */
  readonly warning?: string | undefined;
}

/** The text that is printed when a server began to listen: what runs where, and how to connect. */
export function readyText(server: ReadyServer): string {
  const { version, url, credentials } = server;
  return [
    `Everdict ${version} is serving at ${url}`,
    dataLine(server),
    ...(server.warning === undefined ? [] : [`Warning: ${server.warning}.`]),
    ...dashboardLines(server),
    "Ctrl-C stops it.",
    "",
    "To connect, paste these lines into another terminal:",
    "",
    "set -a",
    ...pasteLines(url, credentials),
    "set +a",
    "",
    ...secretLines(server),
    "Python:",
    `  python3 -c 'import modal; d = modal.Dict.from_name("hello", create_if_missing=True); d["from"] = "Python"'`,
    "TypeScript:",
    `  import { Dict } from "everdict";`,
    `  console.log(await Dict.fromName("hello").get("from"));`,
    server.isFound ? "Shell, which needs no lines on this machine:" : "Shell:",
    "  npx everdict dict items hello",
    "",
    "",
  ].join("\n");
}

const whenOnDisk: Record<Durability, string> = {
  sync: "on disk before a write is acknowledged",
  everysec: "on disk within two seconds of a write's acknowledgement unless its dict says otherwise",
  memory: "without a promise of when a write is on disk unless its dict says otherwise",
};

function dataLine({ directory, shared, durability = "sync" }: ReadyServer): string {
  if (shared !== undefined)
    return `Data is in ${shared}, shared with other servers; tokens are in ${directory}.`;
  if (directory === undefined) return "Data is in memory only: it is gone when the server stops.";
  return `Data is in ${directory}, ${whenOnDisk[durability]}.`;
}

function dashboardLines({ hasDashboard, url, credentials }: ReadyServer): string[] {
  if (hasDashboard === undefined) return [];
  if (!hasDashboard)
    return [`The dashboard is not built ("npm run build"): ${url} only says how to connect.`];
  const token = {
    new: "the lines below, pasted into its sign-in page",
    file: credentials.kind === "file" ? `the token in ${credentials.path}` : "",
    none: "a token",
  }[credentials.kind];
  return [`The dashboard is at ${url} for browsers; sign in with ${token}.`];
}

function secretLines({ credentials, directory }: ReadyServer): string[] {
  if (credentials.kind === "file") return [];
  if (credentials.kind === "none") {
    const create = `everdict token create --data-dir ${shellQuote(directory ?? "")}`;
    return [
      "No secret of a token is kept here. Set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET to yours, or make a new one:",
      `  ${create}`,
      "",
    ];
  }
  const where =
    credentials.path === undefined ? "" : ` It is also in ${credentials.path}, which only you can read.`;
  return [`The secret is shown this once.${where}`, ""];
}
