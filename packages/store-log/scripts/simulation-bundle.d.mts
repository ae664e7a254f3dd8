import type { Patch } from "../src/testing/broken-builds.ts";

export function bundleSimulation(file: string, patches?: readonly Patch[]): Promise<void>;
