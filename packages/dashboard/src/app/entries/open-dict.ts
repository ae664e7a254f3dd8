import type { DictInfo, DictService } from "@everdict/protocol";
import { signedIn } from "../session/session.ts";

/** A dictionary that was found, and the service that knows it by its id. */
export interface OpenDict {
  readonly service: DictService;
  readonly info: DictInfo;
}

/** Finds a dictionary. Views work on the bytes of keys, so that every key can be used that can be listed. @throws `dict_not_found` */
export async function openDict(environment: string, name: string): Promise<OpenDict> {
  const service = await signedIn.value!.client.service();
  return { service, info: await service.getOrCreateDict({ mode: "lookup", environment, name }) };
}
