import type { DictService } from "@everdict/protocol";

/** A call that the fake received: the method and its arguments, without the options. */
export interface RecordedCall {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly options: Parameters<DictService["len"]>[1];
}

/** A service of which only the given methods exist; everything it is asked is recorded. */
export function fakeService(methods: Partial<DictService>, calls: RecordedCall[] = []): DictService {
  return new Proxy({} as DictService, {
    get: (_target, method: string) => {
      const given = methods[method as keyof DictService] as ((...args: unknown[]) => unknown) | undefined;
      return (...args: unknown[]) => {
        const options = args.at(-1) as RecordedCall["options"];
        calls.push({ method, args: args.slice(0, -1), options });
        if (given === undefined) throw new Error(`the fake service has no ${method}`);
        return given(...args);
      };
    },
  });
}
