import type { Site } from "@everdict/dashboard";
import type { Logger } from "pino";

/** The dashboard's files; undefined, and a line in the log, if it was not built. The server does without. */
export async function readDashboard(logger: Logger): Promise<Site | undefined> {
  const { readSite } = await import("@everdict/dashboard");
  try {
    const site = await readSite();
    if (site.has("index.html")) return site;
  } catch (error) {
    logger.debug({ err: error }, "the files of the dashboard cannot be read");
  }
  logger.warn("the dashboard is not built: the page at / only says how to connect");
  return undefined;
}
