import type { DictInfo } from "@everdict/protocol";
import { useEffect } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { BytesText, CountText } from "../parts/number-text.tsx";
import { SpaceRow } from "../parts/space-row.tsx";
import { TimeText } from "../parts/time-text.tsx";
import { useWindowOfRows } from "../parts/window-of-rows.ts";
import { hrefOf } from "../routes/route.ts";
import { statsById, wantStats } from "./dict-figures.ts";
import { expiryText } from "./expiry-text.ts";

/** By what the table is sorted. */
export type Order = "name" | "created";

interface Options {
  readonly environment: string;
  readonly dicts: readonly DictInfo[];
  readonly order: Order;
  onOrder(order: Order): void;
  onManage(info: DictInfo): void;
}

/** Dictionaries with their figures. Only rows in sight are made, and only their figures are asked for. */
export function DictTable({ environment, dicts, order, onOrder, onManage }: Options) {
  const { body, from, to, above, below } = useWindowOfRows(dicts.length);
  const sortable = (key: Order, name: string) => (
    <button type="button" onClick={() => onOrder(key)}>
      {name} <span aria-hidden="true">{order === key ? (key === "name" ? "↑" : "↓") : ""}</span>
    </button>
  );
  const sorted = (key: Order) => (order === key ? (key === "name" ? "ascending" : "descending") : "none");
  return (
    <div class="table-frame">
      <table class="table table-windowed" aria-rowcount={dicts.length + 1}>
        <thead>
          <tr>
            <th aria-sort={sorted("name")}>{sortable("name", "Name")}</th>
            <th class="number">Entries</th>
            <th class="number dicts-some">Size</th>
            <th class="dicts-wide">Expiry</th>
            <th class="dicts-wide">Durability</th>
            <th class="dicts-wide" aria-sort={sorted("created")}>
              {sortable("created", "Created")}
            </th>
            <th class="dicts-wide">By</th>
            <th>
              <span class="unseen">Manage</span>
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          <SpaceRow height={above} />
          {dicts.slice(from, to).map((info) => (
            <Row key={info.dictId} environment={environment} info={info} onManage={onManage} />
          ))}
          <SpaceRow height={below} />
        </tbody>
      </table>
    </div>
  );
}

function Row({
  environment,
  info,
  onManage,
}: Pick<Options, "environment" | "onManage"> & { info: DictInfo }) {
  const { dictId, name } = info;
  useEffect(() => wantStats(dictId), [dictId]);
  const stats = statsById.value.get(dictId);
  return (
    <tr>
      <td class="dicts-name">
        <a href={hrefOf({ view: "entries", environment, dict: name })}>
          <bdi>{name}</bdi>
        </a>
      </td>
      <td class="number">
        <CountText count={stats?.entries} />
      </td>
      <td class="number dicts-some">
        <BytesText bytes={stats?.bytes} />
      </td>
      <td class="dicts-wide">{expiryText(info.expiry)}</td>
      <td class="dicts-wide">{info.durability ?? "–"}</td>
      <td class="dicts-wide">
        <TimeText seconds={info.createdAtSeconds} isRelative />
      </td>
      <td class="dicts-wide dicts-by">
        <bdi>{info.createdBy}</bdi>
      </td>
      <td class="number">
        <Button look="quiet" aria-label={`Manage ${name}`} onClick={() => onManage(info)}>
          ⋯
        </Button>
      </td>
    </tr>
  );
}
