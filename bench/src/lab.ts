import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { candidates as allCandidates, type Candidate } from "./candidates.ts";
import { DriverProcess } from "./processes/driver-process.ts";
import { type RunningServer, type ServerSpec, Unavailable } from "./servers/running-server.ts";
import { startServerOf } from "./servers/start-server.ts";

/** Where and how a lab works. */
export interface LabOptions {
  /** Data of all stores goes below this; it decides which disk is measured. */
  readonly directory: string;
  readonly profileDirectory: string | undefined;
  /** Which candidates to take, by their ids. */
  readonly isWanted: (id: string) => boolean;
  /** Told, once for each, what could not be measured and why. */
  readonly onMissing: (text: string) => void;
}

/** A candidate whose server and client run. */
export interface OpenCandidate {
  readonly candidate: Candidate;
  readonly driver: DriverProcess;
}

/** Starts servers and clients, each in a process of its own, and ends them. Candidates share servers. */
export class Lab {
  readonly #options: LabOptions;
  readonly #servers = new Map<string, Promise<RunningServer>>();
  readonly #opened = new Map<string, Promise<OpenCandidate | undefined>>();
  readonly #missing = new Set<string>();
  readonly #directories: string[] = [];
  #databases = 0;

  constructor(options: LabOptions) {
    this.#options = options;
  }

  /** Where CPU profiles go; undefined if none are taken. */
  get profileDirectory(): string | undefined {
    return this.#options.profileDirectory;
  }

  /** What could not be measured. */
  get missing(): readonly string[] {
    return [...this.#missing];
  }

  /** The candidates that are wanted and can be had, by their ids; all of them by default. */
  async open(ids: readonly string[] = allCandidates.map(({ id }) => id)): Promise<OpenCandidate[]> {
    const { isWanted } = this.#options;
    const wanted = allCandidates.filter(({ id }) => ids.includes(id) && isWanted(id));
    const opened = await Promise.all(wanted.map((candidate) => this.#open(candidate)));
    return opened.filter((each) => each !== undefined);
  }

  /** Starts a server, or answers the one that runs. @throws {Unavailable} */
  server(spec: ServerSpec): Promise<RunningServer> {
    const key = Object.values(spec).join(" ");
    let server = this.#servers.get(key);
    if (server === undefined) {
      const { profileDirectory } = this.#options;
      server = this.newDirectory().then((directory) => startServerOf(spec, { directory, profileDirectory }));
      this.#servers.set(key, server);
    }
    return server;
  }

  /** A fresh directory on the disk that is measured. */
  async newDirectory(): Promise<string> {
    const directory = await mkdtemp(join(this.#options.directory, "everdict-bench-"));
    this.#directories.push(directory);
    return directory;
  }

  /** Says that something could not be measured. */
  reportMissing(text: string): void {
    if (this.#missing.has(text)) return;
    this.#missing.add(text);
    this.#options.onMissing(text);
  }

  /** Lets every server do what it put off. */
  async tidy(): Promise<void> {
    for (const server of this.#servers.values()) await (await server.catch(() => undefined))?.tidy();
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#opened.values());
    for (const each of opened) if (each.status === "fulfilled") await each.value?.driver.close();
    const servers = await Promise.allSettled(this.#servers.values());
    for (const each of servers) if (each.status === "fulfilled") await each.value.stop();
    for (const directory of this.#directories) await rm(directory, { recursive: true, force: true });
    this.#opened.clear();
    this.#servers.clear();
  }

  #open(candidate: Candidate): Promise<OpenCandidate | undefined> {
    let opened = this.#opened.get(candidate.id);
    if (opened === undefined) {
      opened = this.#start(candidate).catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error;
        this.reportMissing(`${candidate.name}: ${error.message}`);
        return undefined;
      });
      this.#opened.set(candidate.id, opened);
    }
    return opened;
  }

  async #start(candidate: Candidate): Promise<OpenCandidate> {
    const server = candidate.server && (await this.server(candidate.server));
    const directory = server === undefined ? await this.newDirectory() : "";
    const db = this.#databases++ % 16;
    const driver = await DriverProcess.start({
      client: candidate.client({ server, directory, db }),
      serverPid: server?.pid,
      name: candidate.id,
      profileDirectory: this.#options.profileDirectory,
    });
    return { candidate, driver };
  }
}
