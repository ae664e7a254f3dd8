import { writeSync } from "node:fs";

/** Where a logger writes: one whole line at a time. */
export interface LogOutput {
  write(line: string): void;
}

/** Writes some of the bytes and returns how many. @throws what the system says */
export type WriteSome = (fd: number, bytes: Uint8Array) => number;

// The reader of a non-blocking pipe may be slow for a moment.
const patienceMs = 200;
const pauseMs = 10;

/**
 * Writes log lines to a file descriptor at once, because the last lines before a crash matter most. A line that cannot
 * be written is dropped, for any reason (the reader is gone, the disk is full or broken, the terminal was closed): a
 * server goes on without its log. As soon as lines can be written again, one says how many are missing. `format` turns
 * each line into the text to write.
 */
export function logOutput(
  fd: number,
  writeSome: WriteSome = writeSync,
  format: (line: string) => string = (line) => line,
): LogOutput {
  let dropped = 0;
  /** Whether a part of the last line was written, and the rest could not be. */
  let isCut = false;

  /** @throws what the system says */
  const write = (text: string): void => {
    let left: Uint8Array = Buffer.from(text);
    let waitedMs = dropped > 0 ? patienceMs : 0;
    while (left.length > 0) {
      try {
        left = left.subarray(writeSome(fd, left));
        isCut = left.length > 0;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || waitedMs >= patienceMs) throw error;
        Atomics.wait(pausing, 0, 0, pauseMs);
        waitedMs += pauseMs;
      }
    }
  };

  return {
    write(line) {
      try {
        if (isCut) write("\n");
        if (dropped > 0) write(format(missing(dropped)));
        dropped = 0;
        write(format(line));
      } catch {
        dropped++;
      }
    },
  };
}

function missing(count: number): string {
  const msg = `${count} lines of the log could not be written before this one`;
  return `${JSON.stringify({ level: warnLevel, time: Date.now(), pid: process.pid, msg })}\n`;
}

/** As the logger counts. */
const warnLevel = 40;
const pausing = new Int32Array(new SharedArrayBuffer(4));
