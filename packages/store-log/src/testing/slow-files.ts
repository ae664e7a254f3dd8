import type { FileLayer, LogFile } from "../files/files.ts";
import { nodeFiles } from "../files/node-files.ts";

/** Node's files, whose flushes a test holds up or lets fail. Writes and flushes at once are not offered. */
export class SlowFiles {
  readonly files: FileLayer;
  /** How many flushes were begun. */
  begun = 0;
  #gate: Promise<void> | undefined;
  #open: () => void = () => {};
  #error: Error | undefined;

  constructor() {
    this.files = {
      ...nodeFiles,
      create: async (path) => this.#wrap(await nodeFiles.create(path)),
      open: async (path) => this.#wrap(await nodeFiles.open(path)),
    };
  }

  /** From now on flushes wait. */
  hold(): void {
    this.#gate ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  /** Lets the flushes that wait go on, and those that follow; with an error, they fail. */
  release(error?: Error): void {
    this.#error = error;
    this.#gate = undefined;
    this.#open();
  }

  #wrap(file: LogFile): LogFile {
    return {
      size: () => file.size(),
      read: (target, position) => file.read(target, position),
      readSync: (target, position) => file.readSync(target, position),
      write: (parts, position) => file.write(parts, position),
      truncate: (length) => file.truncate(length),
      close: () => file.close(),
      sync: async () => {
        this.begun++;
        await this.#gate;
        if (this.#error !== undefined) throw this.#error;
        await file.sync();
      },
    };
  }
}
