import { createConnection } from "node:net";

/**
 * Sends one command to a server and answers its reply as text. For arranging and looking at tests' servers: a
 * connection a command, no pipelining; an array's items are joined by line ends.
 *
 * @throws `Error` with the server's message, or if it does not answer in time.
 */
export function redisCommand(port: number, ...command: readonly (string | number)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, "127.0.0.1");
    const timer = setTimeout(
      () => settle(new Error(`port ${port} did not answer ${command[0]}`)),
      answerMaxMs,
    );
    let received = "";
    const settle = (outcome: string | Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (outcome instanceof Error) reject(outcome);
      else if (outcome.startsWith("-")) reject(new Error(outcome.slice(1).trim()));
      else resolve(withoutFraming(outcome));
    };
    socket.setEncoding("utf8");
    socket.on("error", settle);
    socket.on("data", (text: string) => {
      received += text;
      // The reply to ECHO marks the end, whatever the first command's reply looks like.
      if (received.endsWith(endMark)) settle(received.slice(0, -endMark.length));
    });
    socket.write(encoded(command.map(String)) + encoded(["ECHO", endText]));
  });
}

const answerMaxMs = 5_000;
const endText = "end-of-the-reply";
const endMark = `$${endText.length}\r\n${endText}\r\n`;

function encoded(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join("")}`;
}

/** The text of a reply: for arrays the items, for the rest the value. Lines that only frame are left out. */
function withoutFraming(reply: string): string {
  if (reply.startsWith("$")) return reply.slice(reply.indexOf("\r\n") + 2, -2);
  const lines = reply.split("\r\n").filter((line) => line !== "" && !/^[*$]-?\d+$/.test(line));
  return lines.map((line) => line.replace(/^[+:]/, "")).join("\n");
}
