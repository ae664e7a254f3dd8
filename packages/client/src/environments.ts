import { checkEnvironmentName, type DictService, type EnvironmentInfo } from "@everdict/protocol";
import { checkArgument, checkOptions, notMadeWithNew } from "./arguments/check-options.ts";
import { text } from "./arguments/option-kinds.ts";
import type { CheckedMethod } from "./arguments/option-table.ts";
import { type RequestOptions, shareTime } from "./request-options.ts";

/** An environment of the workspace: a namespace for dictionaries. */
export interface Environment {
  /** `en-` and 22 letters and digits. */
  readonly id: string;
  readonly name: string;
  readonly webSuffix: string;
  readonly createdAt: Date;
  /** True for exactly one environment: the default. */
  readonly isDefault: boolean;
}

/** What {@link Environments.update} changes; what is absent stays. */
export interface EnvironmentChange {
  readonly name?: string | undefined;
  readonly webSuffix?: string | undefined;
}

/** What environments need of the client that they belong to. */
interface ServiceSource {
  readonly timeoutMs: number | undefined;
  service(bounds?: RequestOptions): Promise<DictService>;
}

/**
 * The environments of a workspace. Obtained as `client.environments`.
 *
 * @example const names = (await client.environments.list()).map((one) => one.name);
 */
export class Environments {
  readonly #client: ServiceSource;

  /** @internal */
  constructor(client: ServiceSource) {
    // An instance that a program makes by itself would fail at its first use with an unclear error.
    if (typeof client?.service !== "function") throw notMadeWithNew("Environments", "client.environments");
    this.#client = client;
  }

  /** All environments, by name. Safe to repeat. */
  async list(options: RequestOptions = {}): Promise<Environment[]> {
    const call = this.#begin("environments.list", options);
    const service = await this.#client.service(call());
    return (await service.listEnvironments(call())).map(environmentFrom);
  }

  /** One environment; an empty name means the default one. @throws {NotFoundError} `environment_not_found` */
  async get(name: string, options: RequestOptions = {}): Promise<Environment> {
    checkArgument("environments.get", "name", text, name);
    const call = this.#begin("environments.get", options);
    const service = await this.#client.service(call());
    return environmentFrom(await service.getOrCreateEnvironment(name, "lookup", call()));
  }

  /**
   * Creates an environment.
   *
   * @throws {AlreadyExistsError} `environment_exists`
   * @throws {InvalidError} `invalid_name`
   */
  async create(name: string, options: RequestOptions = {}): Promise<Environment> {
    checkEnvironmentName(name);
    const call = this.#begin("environments.create", options);
    const service = await this.#client.service(call());
    return environmentFrom(await service.getOrCreateEnvironment(name, "createFailIfExists", call()));
  }

  /**
   * Renames an environment or sets its web suffix. Fields that are left out stay, and so do its dictionaries.
   *
   * @throws {NotFoundError} `environment_not_found`
   * @throws {AlreadyExistsError} `environment_exists`
   * @throws {InvalidError} `invalid_name`
   */
  async update(
    currentName: string,
    change: EnvironmentChange,
    options: RequestOptions = {},
  ): Promise<Environment> {
    checkArgument("environments.update", "currentName", text, currentName);
    checkOptions("environments.update, the change", change);
    if (change.name !== undefined) checkEnvironmentName(change.name);
    const call = this.#begin("environments.update", options);
    const service = await this.#client.service(call());
    return environmentFrom(await service.updateEnvironment({ currentName, ...change }, call()));
  }

  /**
   * Deletes an environment and every dictionary in it.
   *
   * @throws {NotFoundError} `environment_not_found`
   * @throws {InvalidError} `conflict` for the default one
   */
  async delete(name: string, options: RequestOptions = {}): Promise<void> {
    checkArgument("environments.delete", "name", text, name);
    const call = this.#begin("environments.delete", options);
    const service = await this.#client.service(call());
    await service.deleteEnvironment(name, call());
  }

  #begin(method: CheckedMethod, options: RequestOptions) {
    checkOptions(method, options);
    return shareTime(options, this.#client.timeoutMs);
  }
}

function environmentFrom(info: EnvironmentInfo): Environment {
  return {
    id: info.environmentId,
    name: info.name,
    webSuffix: info.webSuffix,
    createdAt: new Date(info.createdAtSeconds * 1000),
    isDefault: info.isDefault,
  };
}
