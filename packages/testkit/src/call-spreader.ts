type AnyService = Record<PropertyKey, (...args: unknown[]) => unknown>;

/**
 * Hands calls to one of several equals, chosen anew for each call; calls that are under way together go to the same,
 * since only there they have an order.
 */
export class CallSpreader {
  readonly #choose: (count: number) => number;
  #chosen = 0;
  #underWay = 0;

  /** @param choose one of so many, for each call that is made while no other is under way. */
  constructor(choose: (count: number) => number) {
    this.#choose = choose;
  }

  /** One of so many: who the next call goes to. */
  turn(count: number): number {
    if (this.#underWay === 0) this.#chosen = this.#choose(count);
    return this.#chosen;
  }

  /** A service whose methods are those of any of the equals. */
  over<Service extends object>(equals: readonly Service[]): Service {
    const services = equals as unknown as AnyService[];
    return new Proxy({} as Service, {
      get: (_, name) => {
        // Among them `then`: the service itself is no promise.
        if (typeof services[0]![name] !== "function") return undefined;
        return (...args: unknown[]) => this.#track(services[this.turn(services.length)]![name]!(...args));
      },
    });
  }

  #track(answer: unknown): unknown {
    if (!(answer instanceof Promise)) return answer;
    this.#underWay++;
    const settled = (): void => {
      this.#underWay--;
    };
    answer.then(settled, settled);
    return answer;
  }
}
