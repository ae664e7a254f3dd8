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
