// One of the processes that move money between accounts, by some workers at once, until it is told to stop: half of them
// by increments that leave no account below zero, half by reading two balances and writing them under a check of their
// versions.
import { Client, Dict } from "everdict";

const [connection, dictName, workersText, accountsText] = process.argv.slice(2);
const client = Client.connect({ ...JSON.parse(connection), timeoutMs: 120_000 });
const accounts = Dict.fromName(dictName, { client });
let isStopping = false;
let done = 0;

const pick = () => `account ${Math.floor(Math.random() * Number(accountsText))}`;

async function byIncrements(from, to, amount) {
  const transfer = accounts.transaction().increment(from, -amount, { min: 0 }).increment(to, amount);
  return (await transfer.commit()).committed;
}

async function byVersions(from, to, amount) {
  const [source, target] = await Promise.all([accounts.entry(from), accounts.entry(to)]);
  if (source.value < amount) return false;
  const transfer = accounts
    .transaction()
    .check(from, source.version)
    .check(to, target.version)
    .put(from, source.value - amount)
    .put(to, target.value + amount);
  return (await transfer.commit()).committed;
}

async function work(move) {
  while (!isStopping) {
    const [from, to] = [pick(), pick()];
    if (from !== to && (await move(from, to, 1 + Math.floor(Math.random() * 20)))) done++;
  }
}

process.once("message", () => {
  isStopping = true;
});
process.send("ready");
await Promise.all(
  Array.from({ length: Number(workersText) }, (_, index) =>
    work(index % 2 === 0 ? byIncrements : byVersions),
  ),
);
await client.close();
process.send({ done });
process.disconnect();
