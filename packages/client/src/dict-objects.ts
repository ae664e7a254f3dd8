import {
  checkDictName,
  type DictInfo,
  type Durability,
  EverdictError,
  type ExpiryPolicy,
} from "@everdict/protocol";
import { checkOptions, notMadeWithNew } from "./arguments/check-options.ts";
import { Client } from "./client.ts";
import { type RequestOptions, shareTime } from "./request-options.ts";

/** Where a dictionary lives. */
export interface DictLocation {
  /** The environment it is in. Default: the client's, else the server's default. */
  readonly environment?: string | undefined;
  /** The connection to use. Default: the process-wide one, {@link Client.default}. */
  readonly client?: Client | undefined;
}

/** What {@link DictObjects.create} takes. */
export interface CreateDictOptions extends DictLocation, RequestOptions {
  /** Whether an existing dictionary of that name is accepted. Default: false. */
  readonly allowExisting?: boolean | undefined;
  /**
   * When its entries expire. A dictionary that exists with another expiry is refused (`conflict`). Default: the
   * server's policy. Ignored by Modal's cloud.
   */
  readonly expiry?: ExpiryPolicy | undefined;
  /** How durable its writes are when they are acknowledged; refused like `expiry`. Default: the server's. */
  readonly durability?: Durability | undefined;
  /** Over how many parts a cluster spreads it if this creates it, from 1 to 1,024. Default: as the server is set. */
  readonly shards?: number | undefined;
}

/** What {@link DictObjects.list} takes. */
export interface ListDictsOptions extends DictLocation, RequestOptions {
  /** How many to list at most. Default: all. */
  readonly maxObjects?: number | undefined;
  /** Lists only dictionaries created before this moment. Default: all. */
  readonly createdBefore?: Date | undefined;
}

/** What {@link DictObjects.delete} takes. */
export interface DeleteDictOptions extends DictLocation, RequestOptions {
  /** Whether absence is accepted instead of an error. Default: false. */
  readonly allowMissing?: boolean | undefined;
}

const pageMaxObjects = 100;

/** Management of named dictionaries. Obtained as `Dict.objects`, whose handles are of the type `Dict`. */
export class DictObjects<Handle> {
  readonly #makeKnown: (client: Client, info: DictInfo) => Handle;

  /** @internal */
  constructor(makeKnown: (client: Client, info: DictInfo) => Handle) {
    if (typeof makeKnown !== "function") throw notMadeWithNew("DictObjects", "Dict.objects");
    this.#makeKnown = makeKnown;
  }

  /**
   * Creates a named dictionary. Atomic: of concurrent creators without `allowExisting` exactly one succeeds.
   *
   * @throws {AlreadyExistsError} `dict_exists`, unless `allowExisting`
   * @throws {InvalidError} `invalid_name`; `conflict` if it exists with another expiry or durability than asked
   * @throws {NotFoundError} `environment_not_found`
   * @example await Dict.objects.create("jobs");
   */
  async create(name: string, options: CreateDictOptions = {}): Promise<void> {
    checkDictName(name);
    checkOptions("Dict.objects.create", options);
    const client = options.client ?? Client.default();
    const call = shareTime(options, client.timeoutMs);
    const { service, environment } = await client.session(call());
    await service.getOrCreateDict(
      {
        mode: options.allowExisting ? "createIfMissing" : "createFailIfExists",
        environment: options.environment ?? environment,
        name,
        expiry: options.expiry,
        durability: options.durability,
        shards: options.shards,
      },
      call(),
    );
  }

  /**
   * Returns the named dictionaries of an environment, newest first, as handles that are ready to use. Fetches them in
   * pages of 100; a dictionary that is created meanwhile may be missing.
   *
   * @throws {NotFoundError} `environment_not_found`
   * @throws {InvalidError} `invalid_argument` for a `maxObjects` that is negative or no whole number
   * @example const names = (await Dict.objects.list({ maxObjects: 10 })).map((dict) => dict.name);
   */
  async list(options: ListDictsOptions = {}): Promise<Handle[]> {
    checkOptions("Dict.objects.list", options);
    const { maxObjects = Number.POSITIVE_INFINITY, createdBefore } = options;
    const client = options.client ?? Client.default();
    const call = shareTime(options, client.timeoutMs);
    const session = await client.session(call());
    const environment = options.environment ?? session.environment;
    const found: DictInfo[] = [];
    let createdBeforeSeconds = createdBefore && createdBefore.getTime() / 1000;
    while (found.length < maxObjects) {
      const wanted = Math.min(pageMaxObjects, maxObjects - found.length);
      const request = { environment, maxObjects: wanted, createdBeforeSeconds };
      const page = await session.service.listDicts(request, call());
      found.push(...page);
      if (page.length < wanted) break;
      createdBeforeSeconds = page.at(-1)!.createdAtSeconds;
    }
    return found.map((info) => this.#makeKnown(client, info));
  }

  /**
   * Deletes a named dictionary and all its entries. Its id never works again. Creating the name again gives an empty
   * dictionary with a new id.
   *
   * @throws {NotFoundError} `dict_not_found`, unless `allowMissing`
   * @throws {InvalidError} `invalid_name`
   * @example await Dict.objects.delete("jobs", { allowMissing: true });
   */
  async delete(name: string, options: DeleteDictOptions = {}): Promise<void> {
    checkDictName(name);
    checkOptions("Dict.objects.delete", options);
    const client = options.client ?? Client.default();
    const call = shareTime(options, client.timeoutMs);
    const session = await client.session(call());
    const environment = options.environment ?? session.environment;
    try {
      const { dictId } = await session.service.getOrCreateDict({ mode: "lookup", environment, name }, call());
      await session.service.deleteDict(dictId, call());
    } catch (error) {
      if (options.allowMissing && error instanceof EverdictError && error.code === "dict_not_found") return;
      throw error;
    }
  }
}
