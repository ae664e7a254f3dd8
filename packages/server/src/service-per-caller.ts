import type { Caller } from "@everdict/engine";

/**
 * One service for each caller: authenticators answer the same caller object for the same token, so its service is
 * made once and goes with it.
 */
export function servicePerCaller<Service>(make: (caller: Caller) => Service): (caller: Caller) => Service {
  const services = new WeakMap<Caller, Service>();
  return (caller) => {
    let service = services.get(caller);
    if (service === undefined) {
      service = make(caller);
      services.set(caller, service);
    }
    return service;
  };
}
