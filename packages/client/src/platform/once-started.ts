import { EverdictError, errorFrom } from "@everdict/protocol";
import { connectionTrouble } from "../transport/connection-trouble.ts";
import { systemClock } from "../transport/system-clock.ts";
import { type NetworkOptions, waitForServer } from "./platform.ts";

const firstPauseMs = 100;
const longestPauseMs = 1000;

/**
 * Opens an engine on servers that may just be starting. It tries again after `unavailable`, for as long as the options
 * say, unless a certificate or TLS itself is the cause.
 *
 * @param url where the servers are, for messages; credentials in it are left out.
 */
export async function onceStarted<T>(
  open: () => Promise<T>,
  url: string,
  options: NetworkOptions,
): Promise<T> {
  const place = url.replace(/\/\/[^@/]*@/, "//").replace(/\?.*$/s, "");
  const { signal, onTrouble } = options;
  const giveUpAtMs = systemClock.now() + waitForServer(options);
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      const opened = await open();
      onTrouble?.(undefined);
      return opened;
    } catch (error) {
      const trouble = connectionTrouble(errorFrom(error), { url: place });
      if (trouble.code === "not_configured") throw trouble;
      if (!(error instanceof EverdictError) || error.code !== "unavailable") throw error;
      onTrouble?.(error);
      if (systemClock.now() + pauseMs >= giveUpAtMs) throw error;
      await systemClock.sleep(pauseMs, signal).catch(() => {
        throw error;
      });
    }
  }
}
