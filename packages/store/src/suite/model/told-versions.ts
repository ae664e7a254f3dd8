import type { CommitOutcome, FoundEntry, Version } from "@everdict/protocol";
import { tickMs } from "./command.ts";

const never: Version = "ffffffffffffffff";

/**
 * The versions that one store told in a run. Stores choose other versions, so answers are compared by the order in which
 * the versions of each key were told: that shows which of them are equal.
 */
export class ToldVersions {
  readonly #told = new Map<string, Version[]>();

  /** The last version that was told of a key, or the one so many before; one that never was if there is none. */
  version(dictId: string, key: number, before: number): Version {
    return this.#of(dictId, key).at(-1 - before) ?? never;
  }

  /** What stands for a version in a comparison. */
  name(dictId: string, key: number, version: Version): string {
    const told = this.#of(dictId, key);
    if (!told.includes(version)) told.push(version);
    return `version ${told.indexOf(version)}`;
  }

  #of(dictId: string, key: number): Version[] {
    const name = `${dictId} ${key}`;
    const told = this.#told.get(name) ?? [];
    this.#told.set(name, told);
    return told;
  }
}

/**
 * An answer with versions in it. They are named when all answers of a step are there, in the order of the calls: answers
 * may come in another order.
 */
export class VersionedAnswer {
  readonly #named: (told: ToldVersions) => unknown;

  constructor(named: (told: ToldVersions) => unknown) {
    this.#named = named;
  }

  /** The answer with names for versions. */
  named(told: ToldVersions): unknown {
    return this.#named(told);
  }
}

/** An answer, or a list of them, with names for versions. */
export function withNamedVersions(answer: unknown, told: ToldVersions): unknown {
  if (answer instanceof VersionedAnswer) return answer.named(told);
  return Array.isArray(answer) ? answer.map((each) => withNamedVersions(each, told)) : answer;
}

/** An entry as it can be compared: its end by the tick, since some may end a little later than they must. */
export function foundAnswer(dictId: string, key: number, found: FoundEntry | undefined): unknown {
  if (found === undefined) return undefined;
  const { value, version, expiresAtMs } = found;
  return new VersionedAnswer((told) => ({
    value,
    version: told.name(dictId, key, version),
    endsInTick: expiresAtMs && Math.floor(expiresAtMs / tickMs),
  }));
}

/** The outcome of a commit with conditions on these keys and changes of those. */
export function outcomeAnswer(
  dictId: string,
  conditions: readonly number[],
  changes: readonly number[],
  outcome: CommitOutcome,
): VersionedAnswer {
  return new VersionedAnswer((told) => {
    const name = (key: number, version: Version | undefined) => version && told.name(dictId, key, version);
    if (!outcome.committed) {
      const { reason, index, found } = outcome;
      const keys = reason === "condition" ? conditions : changes;
      return { reason, index, found: name(keys[index]!, found) };
    }
    return outcome.results.map(({ version, value }, index) => ({
      value,
      version: name(changes[index]!, version),
    }));
  });
}
