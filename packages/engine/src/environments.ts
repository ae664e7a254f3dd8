import {
  type Access,
  type CreationMode,
  checkEnvironmentName,
  createError,
  type EnvironmentInfo,
  idempotencyRetentionMs,
  maySeeEnvironment,
  type UpdateEnvironmentRequest,
} from "@everdict/protocol";
import type { Clock, EnvironmentRecord, IdempotencyOption, Store } from "@everdict/store";
import { environmentIdFor, newEnvironmentId, type RandomBytes } from "./ids.ts";
import { environmentNotFound } from "./not-found.ts";
import { RecentAnswers } from "./recent-answers.ts";

/**
 * Environments: separate name spaces for dictionaries. Exactly one of them is the default.
 *
 * The default environment is known by its id, which is the same in every deployment. So it stays the default when it is
 * renamed, and when the engine is opened with another name later. Engines that open one store at the same time agree on
 * it without asking each other. It is created when an engine first opens a store.
 *
 * Names are checked where an environment is created or renamed. Elsewhere any text may arrive (protocol section 3); a
 * name that was never created is not found.
 */

/** The id of the default environment. */
export const defaultEnvironmentId = "en-0000000000000000000000";

/** The longest web suffix, in characters. */
export const webSuffixMaxLength = 64;

/** How many answers to idempotency keys of environment creations are kept. */
const maxRecentCreations = 1000;

/** What {@link Environments} is made of. */
export interface EnvironmentsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  /** The name that the default environment gets when it is created. */
  readonly defaultName: string;
}

/** The environment rules on top of a store. */
export class Environments {
  readonly #store: Store;
  readonly #randomBytes: RandomBytes;
  readonly #defaultName: string;
  // Creation is too rare to burden the store with its idempotency keys. Answers are kept here; past the end of the process,
  // and for other processes on the same store, the id tells a repeat: it is made of idempotency key and name.
  readonly #recentCreations: RecentAnswers<EnvironmentInfo>;
  #defaultId = defaultEnvironmentId;

  /** @throws `invalid_name` for the default name */
  constructor({ store, clock, randomBytes, defaultName }: EnvironmentsOptions) {
    checkEnvironmentName(defaultName);
    this.#store = store;
    this.#randomBytes = randomBytes;
    this.#defaultName = defaultName;
    const retentionMs = idempotencyRetentionMs;
    this.#recentCreations = new RecentAnswers({ clock, retentionMs, maxAnswers: maxRecentCreations });
  }

  /** The default environment; created if the store has none yet. */
  async default(): Promise<EnvironmentRecord> {
    const all = await this.#store.listEnvironments();
    const present = all.find(({ id }) => id === this.#defaultId);
    if (present !== undefined) return present;
    const { environment } = await this.#store.createEnvironment(this.#defaultId, this.#defaultName);
    // If another program filled the store, another environment may have the name. Then that one is the default.
    this.#defaultId = environment.id;
    return environment;
  }

  /**
   * The environment that a call names; an empty name means the default. For a caller, an environment that it may not
   * see does not exist.
   *
   * @throws `environment_not_found`, `permission_denied` if the default one is meant and may not be seen
   */
  async resolve(name: string, access?: Access | undefined): Promise<EnvironmentRecord> {
    if (name === "") {
      const found = await this.default();
      if (maySeeEnvironment(access, found.name)) return found;
      const message = "this token may not use the default environment: name one that it is for";
      throw createError("permission_denied", message);
    }
    const found = await this.#store.findEnvironment(name);
    if (found === undefined || !maySeeEnvironment(access, found.name)) throw environmentNotFound(name);
    return found;
  }

  /** See `DictService.listEnvironments`. */
  async list(access?: Access | undefined): Promise<readonly EnvironmentInfo[]> {
    const records = await this.#store.listEnvironments();
    const visible = records.filter(({ name }) => maySeeEnvironment(access, name));
    return visible.map((record) => this.#info(record));
  }

  /** See `DictService.getOrCreateEnvironment`. */
  async getOrCreate(
    name: string,
    mode: CreationMode,
    { access, ...option }: IdempotencyOption & { readonly access?: Access | undefined } = {},
  ): Promise<EnvironmentInfo> {
    if (name === "" && mode !== "createFailIfExists") return this.#info(await this.resolve(name, access));
    switch (mode) {
      case "lookup":
        return this.#info(await this.resolve(name, access));
      case "createIfMissing":
        return this.#info((await this.#create(name)).environment);
      case "createFailIfExists":
        return this.#recentCreations.once(option, name, () => this.#createNew(name, option.idempotencyKey));
      default:
        throw createError("invalid_argument", `creation mode '${mode as string}' is not known`);
    }
  }

  /** See `DictService.updateEnvironment`. */
  async update({ currentName, name, webSuffix }: UpdateEnvironmentRequest): Promise<EnvironmentInfo> {
    if (name !== undefined) checkEnvironmentName(name);
    if (webSuffix !== undefined && webSuffix.length > webSuffixMaxLength) {
      const message = `web suffix is ${webSuffix.length} characters, limit is ${webSuffixMaxLength}`;
      throw createError("invalid_argument", message);
    }
    const { id } = await this.resolve(currentName);
    return this.#info(await this.#store.updateEnvironment(id, { name, webSuffix }));
  }

  /** See `DictService.deleteEnvironment`. */
  async delete(name: string): Promise<void> {
    const { id, name: storedName } = await this.resolve(name);
    if (id === this.#defaultId) {
      throw createError("conflict", `Environment '${storedName}' is the default one and cannot be deleted`);
    }
    await this.#store.deleteEnvironment(id);
  }

  async #createNew(name: string, idempotencyKey: string | undefined): Promise<EnvironmentInfo> {
    const id =
      idempotencyKey === undefined
        ? newEnvironmentId(this.#randomBytes)
        : environmentIdFor(idempotencyKey, name);
    const { environment, created } = await this.#create(name, id);
    if (created || (environment.id === id && environment.name === name)) return this.#info(environment);
    throw createError("environment_exists", `Environment '${environment.name}' already exists`);
  }

  async #create(
    name: string,
    id = newEnvironmentId(this.#randomBytes),
  ): Promise<{ environment: EnvironmentRecord; created: boolean }> {
    if (name === "") return { environment: await this.default(), created: false };
    checkEnvironmentName(name);
    const present = await this.#store.findEnvironment(name);
    if (present !== undefined) return { environment: present, created: false };
    return this.#store.createEnvironment(id, name);
  }

  #info({ id, name, webSuffix, createdAtSeconds }: EnvironmentRecord): EnvironmentInfo {
    return { environmentId: id, name, webSuffix, createdAtSeconds, isDefault: id === this.#defaultId };
  }
}
