/**
 * The identity behind a Dict: its client, and its dictionary once that is known.
 *
 * A handle made from a name sends nothing until its first use. Then exactly one request finds or creates the
 * dictionary, even if many uses wait for it. Each use waits within its own bounds, and none can cancel the request for
 * the others. If the request fails, the next use makes another one.
 */

import type { CallOptions, DictInfo, DictService } from "@everdict/protocol";
import { Client, type Session } from "./client.ts";
import { type ShareTime, shareTime, waitForShared } from "./request-options.ts";

/** How a handle finds its dictionary. */
export type FindDict = (session: Session, call: ShareTime) => Promise<DictInfo>;

/** A dictionary that was found. */
export interface HydratedDict {
  readonly service: DictService;
  readonly dictId: string;
  /** Why the service cannot do something beyond Modal's calls; undefined: it can. */
  readonly refusalOf: Session["refusalOf"];
}

/** What is known of a dictionary without asking; a handle from an old pickle knows its id alone. */
export type KnownDict = { readonly dictId: string } & Partial<DictInfo>;

/** A dictionary that is found at its first use. */
export class DictHandle {
  readonly #find: FindDict;
  #client: Client | undefined;
  #name: string;
  #known: KnownDict | undefined;
  #ready: HydratedDict | undefined;
  #finding: Promise<HydratedDict> | undefined;
  readonly #givenId: string | undefined;

  /**
   * @param client undefined: the one that is the process's default at first use, not when the handle is made.
   * @param name the name given by the program, until the service says better; empty if none was.
   * @param givenId the id given by the program, for messages.
   */
  constructor(client: Client | undefined, name: string, find: FindDict, givenId?: string) {
    this.#givenId = givenId;
    this.#client = client;
    this.#name = name;
    this.#find = find;
  }

  /** A handle of a dictionary that is known already: no request will be made to find it. */
  static known(client: Client, known: KnownDict): DictHandle {
    const handle = new DictHandle(client, known.name ?? "", ({ service }, call) =>
      service.getDictById(known.dictId, call()),
    );
    handle.#known = known;
    return handle;
  }

  get client(): Client {
    this.#client ??= Client.default();
    return this.#client;
  }

  get name(): string {
    return this.#name;
  }

  /** What is known so far; undefined before the dictionary was found. */
  get known(): KnownDict | undefined {
    return this.#known;
  }

  /** The dictionary, if it was found before. This spares the fast path a promise. */
  get ready(): HydratedDict | undefined {
    return this.#ready;
  }

  /** Finds the dictionary unless it was found already. */
  hydrate(options: CallOptions | undefined): Promise<HydratedDict> {
    if (this.#ready) return Promise.resolve(this.#ready);
    this.#finding ??= this.#hydrate().finally(() => {
      this.#finding = undefined;
    });
    return waitForShared(this.#finding, options, () => this.client.trouble);
  }

  /** Everything that is known of the dictionary. Asks the service, unless it was found just now: others may change it. */
  async info(call: ShareTime): Promise<DictInfo> {
    const wasKnown = this.#known !== undefined;
    const { service, dictId } = await this.hydrate(call());
    return wasKnown ? this.told(await service.getDictById(dictId, call())) : (this.#known as DictInfo);
  }

  /** Remembers what the service said of the dictionary. */
  told(info: DictInfo): DictInfo {
    this.#known = info;
    this.#name = info.name;
    return info;
  }

  /** How messages name it. */
  describe(): string {
    if (this.#name !== "") return `Dict '${this.#name}'`;
    const dictId = this.#known?.dictId ?? this.#givenId;
    return dictId === undefined ? "Dict" : `Dict ${dictId}`;
  }

  async #hydrate(): Promise<HydratedDict> {
    const { client } = this;
    const session = await client.session();
    if (this.#known === undefined) this.told(await this.#find(session, shareTime({}, client.timeoutMs)));
    const { service, refusalOf } = session;
    this.#ready = { service, dictId: this.#known!.dictId, refusalOf };
    return this.#ready;
  }
}

/** Whether more than the id is known. */
export function isComplete(known: KnownDict | undefined): known is DictInfo {
  return known?.createdAtSeconds !== undefined;
}

const handles = new WeakMap<object, DictHandle>();

/** Registers the object that programs hold for a handle, so that it is recognised inside values. */
export function bindHandle(dict: object, handle: DictHandle): void {
  handles.set(dict, handle);
}

/** The handle behind an object, if it is a Dict. */
export function handleOf(value: unknown): DictHandle | undefined {
  return typeof value === "object" && value !== null ? handles.get(value) : undefined;
}
