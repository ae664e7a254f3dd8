import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { chromiumProgram } from "../runtimes/chromium.ts";

/** What a page is opened with. */
export interface PageOptions {
  /** Where the dashboard is, with a slash at its end. */
  readonly url: string;
  /** Default: 1280 by 800. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** What the system prefers. Default: light. */
  readonly theme?: "light" | "dark" | undefined;
}

/** The credentials to sign in with. */
export interface Token {
  readonly tokenId: string;
  readonly tokenSecret: string;
}

/** A page of the dashboard in Chromium. When it is disposed of, it fails if something was wrong on the way. */
export interface DashboardPage extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What was wrong so far: violations of the policy, errors on the console, requests to elsewhere. */
  readonly troubles: string[];
  /** Signs in by the form, and waits until the frame is shown. */
  signIn(token: Token): Promise<void>;
}

/** A Chromium that pages of tests share. */
export interface TestBrowser extends AsyncDisposable {
  open(options: PageOptions): Promise<DashboardPage>;
}

/** Starts the system's Chromium without a window. */
export async function startBrowser(): Promise<TestBrowser> {
  const browser = await chromium.launch({
    executablePath: programPath(),
    // In containers, and as root, there is no sandbox to be had; the page is ours.
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  return {
    open: (options) => open(browser, options),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

function programPath(): string {
  const name = chromiumProgram();
  if (name === undefined) throw new Error("there is no Chromium on this machine");
  const found = (process.env.PATH ?? "").split(":").map((folder) => `${folder}/${name}`);
  return found.find((each) => isFile(each)) ?? name;
}

function isFile(path: string): boolean {
  try {
    readFileSync(path, { flag: "r" }).subarray(0, 0);
    return true;
  } catch {
    return false;
  }
}

/** An error of the network is expected while a test keeps the server away. */
const isOfTheNetwork = (text: string) => /net::ERR_|WebSocket connection to/.test(text);

async function open(browser: Browser, options: PageOptions): Promise<DashboardPage> {
  const { url, width = 1280, height = 800, theme = "light" } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const troubles: string[] = [];
  const { host } = new URL(url);
  page.on("console", (message) => {
    if (message.type() === "error" && !isOfTheNetwork(message.text())) troubles.push(message.text());
  });
  page.on("pageerror", (error) => troubles.push(String(error.stack)));
  context.on("request", (request) => {
    const target = new URL(request.url());
    if (!["data:", "blob:"].includes(target.protocol) && target.host !== host) troubles.push(request.url());
  });
  page.on("websocket", (socket) => {
    if (new URL(socket.url()).host !== host) troubles.push(socket.url());
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(url);
  const signIn = async ({ tokenId, tokenSecret }: Token) => {
    await page.getByLabel("Token id").fill(tokenId);
    await page.getByLabel("Token secret").fill(tokenSecret);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("navigation", { name: "Views" }).waitFor();
  };
  const dispose = async () => {
    await context.close();
    if (troubles.length > 0) throw new Error(`the page had troubles:\n${troubles.join("\n")}`);
  };
  return { page, context, troubles, signIn, [Symbol.asyncDispose]: dispose };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds on the page as it is now, in light and in dark: rules with the elements that break them. */
export async function axeFindings(page: Page): Promise<string[]> {
  const findings: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    // Evaluated by the debugger, which the policy of the page does not concern.
    await page.evaluate(axeSource);
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResult> } };
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
    });
    findings.push(...found.map((each) => `${colorScheme} ${each}`));
  }
  await page.emulateMedia({ colorScheme: null });
  return findings;
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** The size of a phone. */
export const phone = { width: 390, height: 844 };

/** Pictures of the page as it is now, in light, dark, and as a phone shows it, named after `path`. */
export async function screenshots(page: Page, path: string): Promise<void> {
  const before = page.viewportSize()!;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${path}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(phone);
  await page.screenshot({ path: `${path}-phone.png` });
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: null });
}
