import type { Argument } from "../resp/command-writer.ts";
import type { Reply } from "../resp/reply.ts";
import type { Address } from "./address.ts";
import type { Transport } from "./transport.ts";

/**
 * Asks one server some questions on a connection of its own. Not for data: for what the answers of a particular
 * server are about.
 *
 * @throws whatever kept it from answering within the time.
 */
export function askServer(
  transport: Transport,
  address: Address,
  commands: readonly (readonly Argument[])[],
  timeoutMs: number,
): Promise<Reply[]> {
  return new Promise((resolve, reject) => {
    const replies: Reply[] = [];
    let settled = false;
    let destroy = (): void => {};
    const settle = (error?: Error): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      destroy();
      if (error === undefined) resolve(replies);
      else reject(error);
    };
    const timer = setTimeout(
      () => settle(new Error(`${address} did not answer in ${timeoutMs} ms`)),
      timeoutMs,
    );
    const events = {
      onReply(reply: Reply): void {
        replies.push(reply);
        if (replies.length === commands.length) settle();
      },
      onEnd: settle,
    };
    transport.connect(address, events).then((connection) => {
      destroy = () => connection.destroy();
      if (settled) destroy();
      else {
        for (const command of commands) connection.add(command);
        connection.flush();
      }
    }, settle);
  });
}
