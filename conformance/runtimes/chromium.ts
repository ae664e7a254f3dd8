import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { startOwnedProcess, temporaryDirectory } from "@everdict/testkit";
import type { ConnectOptions } from "everdict";
import { rolldown } from "rolldown";

const programs = ["chromium", "chromium-browser", "google-chrome"];
const limitMs = 90_000;

/** The name under which Chromium is found, if it is. */
export function chromiumProgram(): string | undefined {
  return programs.find((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0);
}

/**
 * Runs the checks in a headless Chromium: a page with the bundle for browsers, from a server of ours, to which it
 * reports by itself. Resolves to the report.
 */
export async function runInChromium<Report>(ways: Record<string, ConnectOptions>): Promise<Report> {
  const code = await bundle();
  let receive: (report: Report) => void = () => {};
  const reported = new Promise<Report>((resolve) => {
    receive = resolve;
  });
  const answers: Record<string, (request: IncomingMessage) => Promise<[type: string, body: string]>> = {
    "/": async () => ["text/html", '<!doctype html><meta charset="utf-8"><script src="/page.js"></script>'],
    "/page.js": async () => ["text/javascript", code],
    "/ways": async () => ["application/json", JSON.stringify(ways)],
    "/report": async (request) => {
      receive(JSON.parse(await text(request)) as Report);
      return ["text/plain", "ok"];
    },
  };
  const server = createServer(async (request, response) => {
    const answer = await answers[request.url ?? ""]?.(request);
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": answer?.[0] ?? "text/plain" });
    response.end(answer?.[1]);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  using profile = temporaryDirectory();
  const { port } = server.address() as AddressInfo;
  const browser = startChromium(profile.path, `http://127.0.0.1:${port}/`);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new Error(`no report within ${limitMs} ms\n${browser.errorOutput()}`));
    timer = setTimeout(fail, limitMs);
  });
  const gone = browser.ended.then(({ code: exit }) => {
    throw new Error(`Chromium ended with ${exit}\n${browser.errorOutput()}`);
  });
  try {
    return await Promise.race([reported, late, gone]);
  } finally {
    clearTimeout(timer);
    gone.catch(() => {});
    browser.child.kill();
    await browser.ended;
    server.close();
    server.closeAllConnections();
  }
}

function startChromium(profile: string, url: string) {
  const args = [
    "--headless=new",
    // In containers, and as root, there is no sandbox to be had; the page is ours.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    `--user-data-dir=${profile}`,
    url,
  ];
  return startOwnedProcess(chromiumProgram()!, args, { PATH: process.env.PATH ?? "", HOME: profile });
}

async function bundle(): Promise<string> {
  const built = await rolldown({
    input: fileURLToPath(new URL("page.mjs", import.meta.url)),
    platform: "browser",
    resolve: { conditionNames: ["@everdict/source", "browser", "import", "default"] },
    onLog: () => {},
  });
  const { output } = await built.generate({ format: "iife", codeSplitting: false });
  await built.close();
  return output.map((each) => (each.type === "chunk" ? each.code : "")).join("\n");
}
