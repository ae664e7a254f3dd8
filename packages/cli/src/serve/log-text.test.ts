import { pino } from "pino";
import { beforeAll, expect, test, vi } from "vitest";
import { logText } from "./log-text.ts";

beforeAll(() => {
  vi.stubEnv("TZ", "UTC");
});

/** What a person sees of what is logged. */
function shown(log: (logger: pino.Logger) => void): string {
  const lines: string[] = [];
  const timestamp = (): string => `,"time":${Date.UTC(2026, 10, 30, 14, 12, 3)}`;
  log(pino({ level: "trace", timestamp }, { write: (line) => void lines.push(logText(line)) }));
  return lines.join("");
}

test("a line has time, level, text and fields", () => {
  expect(shown((logger) => logger.warn({ port: 7227, rpc: "QueueList" }, "something is odd"))).toBe(
    "2026-11-30 14:12:03 warn  something is odd  port=7227  rpc=QueueList\n",
  );
  expect(shown((logger) => logger.info({ calls: { QueueList: 2 } }, "counts"))).toBe(
    '2026-11-30 14:12:03 info  counts  calls={"QueueList":2}\n',
  );
});

test("an error comes with its message, and from level error with its stack", () => {
  const err = new Error("the disk is gone");
  const text = shown((logger) => logger.fatal({ err }, "the server ends"));
  const [first, second] = text.split("\n");
  expect(first).toBe("2026-11-30 14:12:03 fatal the server ends: the disk is gone");
  expect(second).toMatch(/^ {4}at .*log-text\.test\.ts/);
  expect(shown((logger) => logger.debug({ err }, "tried again")).split("\n")).toHaveLength(2);
  expect(shown((logger) => logger.error(err)).split("\n")[0]).toBe(
    "2026-11-30 14:12:03 error the disk is gone",
  );
});

test("nothing in it drives the terminal or makes another line", () => {
  const text = shown((logger) => logger.info({ name: "\u001b[2J\nx" }, "a\u001b[31mb"));
  expect(text).toBe("2026-11-30 14:12:03 info  a\\x1b[31mb  name=\\x1b[2J\\nx\n");
});

test.each(["no JSON\n", "3\n", "null\n"])("%j stays as it is", (line) => {
  expect(logText(line)).toBe(line);
});
