import {
  type Access,
  checkDictName,
  createError,
  type DictChange,
  type DictInfo,
  type Durability,
  EverdictError,
  type ExpiryPolicy,
  forEachSlice,
  type GetOrCreateDictRequest,
  type Limits,
  type ListDictsRequest,
  limitDefaults,
} from "@everdict/protocol";
import type {
  BytesOption,
  Clock,
  CreatedDict,
  DictRecord,
  EnvironmentRecord,
  IdempotencyOption,
  Store,
} from "@everdict/store";
import { attainableDurability } from "./durability.ts";
import type { Environments } from "./environments.ts";
import { checkedExpiry } from "./expiry-policy.ts";
import { granted, type Policies } from "./granted-policies.ts";
import { newDictId, type RandomBytes } from "./ids.ts";
import { checkEntries } from "./limits-check.ts";
import { listPage } from "./list-page.ts";
import { dictIdNotFound, dictNotFound, environmentNotFound } from "./not-found.ts";

const shardsMax = limitDefaults.dictShardsMax;

/** What {@link Dictionaries} is made of. */
export interface DictionariesOptions {
  readonly store: Store;
  readonly environments: Environments;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly limits: Limits;
  /** For dictionaries that are created without a policy of their own. */
  readonly defaultExpiry: ExpiryPolicy;
  /** For dictionaries that are created without a durability of their own. Absent: the most the store can do. */
  readonly defaultDurability: Durability | undefined;
  /** How long an ephemeral dictionary outlives its last heartbeat, in milliseconds. */
  readonly ephemeralGraceMs: number;
}

/** Who creates, under which idempotency key, and whose the bytes are. */
export interface CreationContext extends IdempotencyOption, BytesOption {
  readonly createdBy: string;
  /** What the caller may do. Absent: everything. */
  readonly access?: Access | undefined;
}

/** Finds, creates, describes, lists and keeps dictionaries. Their entries are not handled here. */
export class Dictionaries {
  readonly #options: DictionariesOptions;
  readonly #store: Store;

  /** The policy and the limits must have been checked. */
  constructor(options: DictionariesOptions) {
    this.#options = options;
    this.#store = options.store;
  }

  /** See `DictService.getOrCreateDict`. All checks come before the first look-up. */
  async getOrCreate(request: GetOrCreateDictRequest, context: CreationContext): Promise<DictInfo> {
    if (request.mode !== "ephemeral") checkDictName(request.name);
    checkEntries(this.#options.limits, request.data ?? []);
    checkShards(request.shards);
    const policies = {
      expiry: checkedExpiry(request.expiry ?? this.#options.defaultExpiry),
      durability: this.#durability(request),
    };
    const environment = await this.#options.environments.resolve(request.environment, context.access);
    switch (request.mode) {
      case "lookup": {
        const found = await this.#store.findDict(environment.id, request.name);
        if (found === undefined) throw dictNotFound(request.name, environment.name);
        return granted(this.#info(found), request, policies);
      }
      case "createIfMissing": {
        // Mostly it is there; and a repeat finds what the first attempt created, so this needs no idempotency key.
        const found = await this.#store.findDict(environment.id, request.name);
        const dict =
          found ??
          (await this.#create(environment, request, policies, { ...context, idempotencyKey: undefined }))
            .dict;
        return granted(this.#info(dict), request, policies);
      }
      case "createFailIfExists": {
        const { dict, created } = await this.#create(environment, request, policies, context);
        if (created) return this.#info(dict);
        const message = `Dict '${dict.name}' already exists in environment '${environment.name}'`;
        throw createError("dict_exists", message);
      }
      case "ephemeral":
        return this.#info((await this.#create(environment, request, policies, context)).dict);
      default: {
        const { mode } = request as { mode: unknown };
        throw createError("invalid_argument", `creation mode '${mode}' is not known`);
      }
    }
  }

  /** See `DictService.getDictById`. */
  async getById(dictId: string): Promise<DictInfo> {
    const found = await this.#store.getDict(dictId);
    if (found === undefined) throw dictIdNotFound(dictId);
    return this.#info(found);
  }

  /** See `DictService.listDicts`. */
  async list(request: ListDictsRequest, access?: Access | undefined): Promise<readonly DictInfo[]> {
    const { id: environmentId } = await this.#options.environments.resolve(request.environment, access);
    const { maxObjects, createdBeforeSeconds } = request;
    const nowMs = this.#options.clock();
    const page = await listPage(this.#store, { environmentId, maxObjects, createdBeforeSeconds, nowMs });
    const infos: DictInfo[] = [];
    await forEachSlice(page, (slice) => {
      for (const each of slice) infos.push(this.#info(each));
    });
    return infos;
  }

  /** See `DictService.configureDict`. */
  async configure(dictId: string, { expiry, durability }: DictChange): Promise<DictInfo> {
    const most = this.#store.capabilities.durability;
    const change = {
      ...(expiry === undefined ? {} : { expiry: checkedExpiry(expiry) }),
      ...(durability === undefined ? {} : { durability: attainableDurability(durability, most) }),
    };
    return this.#info(await this.#store.configureDict(dictId, change));
  }

  /** See `DictService.heartbeat`. */
  heartbeat(dictId: string): Promise<void> {
    return this.#store.extendDict(dictId, this.#ephemeralEndMs());
  }

  async #create(
    environment: EnvironmentRecord,
    request: GetOrCreateDictRequest,
    policies: Policies,
    { createdBy, idempotencyKey, caller, bytesAreGiven }: CreationContext,
  ): Promise<CreatedDict> {
    const ephemeral = request.mode === "ephemeral";
    try {
      return await this.#store.createDict(
        {
          id: newDictId(this.#options.randomBytes),
          environmentId: environment.id,
          name: ephemeral ? "" : request.name,
          createdBy,
          ...policies,
          expiresAtMs: ephemeral ? this.#ephemeralEndMs() : undefined,
          ...(request.shards === undefined ? {} : { shards: request.shards }),
          data: request.data ?? [],
        },
        { idempotencyKey, caller, bytesAreGiven },
      );
    } catch (caught) {
      // Deleted since it was resolved; the store knows it by its id, the caller by its name.
      const gone = caught instanceof EverdictError && caught.code === "environment_not_found";
      throw gone ? environmentNotFound(environment.name) : caught;
    }
  }

  #durability(request: GetOrCreateDictRequest): Durability {
    const most = this.#store.capabilities.durability;
    return attainableDurability(request.durability ?? this.#options.defaultDurability ?? most, most);
  }

  #ephemeralEndMs(): number {
    return this.#options.clock() + this.#options.ephemeralGraceMs;
  }

  #info({ id, name, createdAtSeconds, createdBy, expiry, durability }: DictRecord): DictInfo & Policies {
    const most = this.#store.capabilities.durability;
    // A dictionary may be older than the settings of its store, which can do less now.
    const promised = attainableDurability(durability ?? most, most);
    return { dictId: id, name, createdAtSeconds, createdBy, expiry, durability: promised };
  }
}

function checkShards(shards: number | undefined): void {
  if (shards === undefined || (Number.isSafeInteger(shards) && shards >= 1 && shards <= shardsMax)) return;
  throw createError(
    "invalid_argument",
    `shards is ${shards}, it must be a whole number from 1 to ${shardsMax}`,
  );
}
