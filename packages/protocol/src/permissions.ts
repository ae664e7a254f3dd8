import type { DictService } from "./service.ts";

/** What a token lets its holder do, from most to least. */
export const roles = ["admin", "read-write", "read-only"] as const;

/** One of {@link roles}. */
export type Role = (typeof roles)[number];

/** What a method does, as far as permissions go. */
export type Need = "read" | "write" | "admin";

/** What one holder of credentials may do. */
export interface Access {
  readonly role: Role;
  /** Only in the environments that have one of these names. Absent: in all. Never with the role `admin`. */
  readonly environments?: readonly string[] | undefined;
}

/** What a method asks of its caller. */
export interface MethodPermission {
  readonly needs: Need;
  /** The same for a request of the mode `lookup`, where the method has modes. Absent: it has none. */
  readonly lookupNeeds?: Need;
  /** What its first argument names. `server`: nothing, it is about all environments. */
  readonly names: "dict" | "environment" | "server";
}

/**
 * Who may call what: the one table from which the engine's check, docs/security.md and the tests derive.
 *
 * `write` changes or removes entries and dictionaries, `admin` changes environments. Reading counts as use, so it may
 * prolong the life of entries.
 */
export const permissionTable = {
  getOrCreateDict: { needs: "write", lookupNeeds: "read", names: "environment" },
  getDictById: { needs: "read", names: "dict" },
  deleteDict: { needs: "write", names: "dict" },
  listDicts: { needs: "read", names: "environment" },
  heartbeat: { needs: "write", names: "dict" },
  get: { needs: "read", names: "dict" },
  contains: { needs: "read", names: "dict" },
  len: { needs: "read", names: "dict" },
  update: { needs: "write", names: "dict" },
  pop: { needs: "write", names: "dict" },
  clear: { needs: "write", names: "dict" },
  contents: { needs: "read", names: "dict" },
  listEnvironments: { needs: "read", names: "server" },
  getOrCreateEnvironment: { needs: "admin", lookupNeeds: "read", names: "environment" },
  updateEnvironment: { needs: "admin", names: "environment" },
  deleteEnvironment: { needs: "admin", names: "environment" },
} as const satisfies Record<keyof DictService, MethodPermission>;

/** What creating, listing, rotating and revoking tokens needs. */
export const tokenManagementNeeds: Need = "admin";

const needsOf: Record<Role, readonly Need[]> = {
  admin: ["read", "write", "admin"],
  "read-write": ["read", "write"],
  "read-only": ["read"],
};

/** Whether a role is enough for what a method needs. */
export function roleMay(role: Role, need: Need): boolean {
  return needsOf[role].includes(need);
}

/** Whether an environment of this name exists for a caller. Without an access, everything does. */
export function maySeeEnvironment(access: Access | undefined, name: string): boolean {
  return access?.environments === undefined || access.environments.includes(name);
}
