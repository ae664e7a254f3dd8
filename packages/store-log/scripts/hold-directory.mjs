// Owns a directory until it is killed. For tests.
import { openLogStore } from "../dist/index.js";

await openLogStore({ directory: process.argv[2] });
console.log("open");
setInterval(() => {}, 1000);
