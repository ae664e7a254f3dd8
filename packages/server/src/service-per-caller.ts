import type { Caller } from "@everdict/engine";

/**
 * One service for each caller. Authenticators return the same caller object for the same token, so its service is made
 * once and lives as long as that object.
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
