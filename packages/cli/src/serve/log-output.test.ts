import { expect, test } from "vitest";
import { logOutput } from "./log-output.ts";

const failed = (code: string): Error => Object.assign(new Error(code), { code });

/** An output whose writes do as they are told: this many bytes, or an error. */
function scripted(...results: (number | string)[]) {
  let written = "";
  const output = logOutput(7, (fd, bytes) => {
    expect(fd).toBe(7);
    const result = results.shift() ?? bytes.length;
    if (typeof result === "string") throw failed(result);
    written += Buffer.from(bytes.subarray(0, result)).toString();
    return result;
  });
  return { output, written: () => written };
}

test.each(["EPIPE", "ENOSPC", "EIO", "EBADF", "EAGAIN"])(
  "lines that meet %s are dropped, and counted later",
  (code) => {
    const { output, written } = scripted(...(code === "EAGAIN" ? Array(22).fill(code) : [code, code]));
    for (const line of ["one\n", "two\n", "three\n", "four\n"]) output.write(line);
    const [told, ...rest] = written().split("\n");
    expect(JSON.parse(told!)).toMatchObject({ level: 40, msg: expect.stringMatching(/^2 lines of the log/) });
    expect(rest).toEqual(["three", "four", ""]);
  },
);

test("a line that was cut off does not spoil the next one", () => {
  const { output, written } = scripted(2, "ENOSPC");
  output.write("one\n");
  output.write("two\n");
  expect(written()).toMatch(/^on\n\{.*1 lines.*\}\ntwo\n$/);
});

test("a reader that is slow for a moment loses nothing", () => {
  const { output, written } = scripted("EAGAIN", 2, "EAGAIN");
  output.write("one\n");
  expect(written()).toBe("one\n");
});
