import { escapeControls } from "@everdict/pickle/show";
import { formatLocalTime } from "../output/format-time.ts";

/** Names of levels, by the logger's numbers. */
const levels: Readonly<Record<number, string>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};
const levelWidth = 5;
const errorLevel = 50;
/** Fields of each line that are of no use on the terminal that the process runs on. */
const hidden = new Set(["level", "time", "pid", "hostname", "msg", "err"]);

/**
 * A line of the log for people: `2026-11-30 14:12:03 warn text key=value`. An error adds its message, and from level
 * `error` on its stack, in lines of their own. No control character reaches the terminal.
 *
 * @param line - one line of JSON, as the logger writes it; anything else stays as it is
 */
export function logText(line: string): string {
  const entry = parse(line);
  if (entry === undefined) return line;
  const { level, time, msg, err } = entry;
  const when = formatLocalTime(new Date(Number(time))).slice(0, "YYYY-MM-DD HH:MM:SS".length);
  const name = (levels[Number(level)] ?? String(level)).padEnd(levelWidth);
  const rest = Object.entries(entry).filter(([key]) => !hidden.has(key));
  const parts = [
    textOf(msg) + errorMessage(err, msg),
    ...rest.map(([key, value]) => `${key}=${textOf(value)}`),
  ];
  const text = escapeControls(parts.join("  "));
  return `${when} ${name} ${text}\n${Number(level) >= errorLevel ? stackOf(err) : ""}`;
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" && entry !== null ? (entry as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function errorMessage(err: unknown, msg: unknown): string {
  const { message } = (err ?? {}) as { readonly message?: unknown };
  return typeof message === "string" && message !== msg ? `: ${message}` : "";
}

/** Where an error comes from: the lines of its stack below the message. */
function stackOf(err: unknown): string {
  const { stack } = (err ?? {}) as { readonly stack?: unknown };
  if (typeof stack !== "string") return "";
  const lines = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return lines.map((line) => `    ${escapeControls(line.trim())}\n`).join("");
}
