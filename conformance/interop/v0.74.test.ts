import { interopSuite } from "./interop-suite.ts";

interopSuite("v0.74");
