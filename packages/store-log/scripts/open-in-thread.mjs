// A worker thread that opens a directory and ends without closing it. For tests.
import { parentPort, workerData } from "node:worker_threads";
import { openLogStore } from "../dist/index.js";

await openLogStore({ directory: workerData.directory });
parentPort.postMessage("open");
if (workerData.end === "exit") process.exit(0);
if (workerData.end === "error") throw new Error("the thread fails");
if (workerData.end === "terminate") setInterval(() => {}, 1000);
