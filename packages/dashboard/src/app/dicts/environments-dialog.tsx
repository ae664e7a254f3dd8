import type { Environment } from "everdict";
import { useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { CommandHint } from "../parts/command-hint.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { TextField } from "../parts/text-field.tsx";
import { TypeToConfirm } from "../parts/type-to-confirm.tsx";
import { go } from "../routes/route.ts";
import { environments, loadEnvironments } from "../session/environments.ts";
import { signedIn } from "../session/session.ts";

/** Creates, renames and deletes environments, for admins. */
export function EnvironmentsDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState("");
  const [renamed, setRenamed] = useState<Environment>();
  const [deleted, setDeleted] = useState<Environment>();
  const [error, setError] = useState<unknown>();
  const { client } = signedIn.value!;
  const change = async (act: () => Promise<unknown>, then?: () => void) => {
    try {
      await act();
      await loadEnvironments(client);
      setName("");
      setRenamed(undefined);
      setError(undefined);
      then?.();
    } catch (failure) {
      setError(failure);
    }
  };
  const submit = () => {
    if (name === "") return;
    if (renamed === undefined) void change(() => client.environments.create(name));
    else
      void change(
        () => client.environments.update(renamed.name, { name }),
        () => go({ view: "dicts", environment: name }),
      );
  };
  if (deleted !== undefined) return <DeleteEnvironment environment={deleted} onClose={onClose} />;
  return (
    <Dialog title="Environments" onClose={onClose} onSubmit={submit}>
      <EnvironmentList
        onRename={(each) => {
          setRenamed(each);
          setName(each.name);
        }}
        onDelete={setDeleted}
      />
      <TextField
        label={renamed === undefined ? "New environment" : `New name of ${renamed.name}`}
        value={name}
        onValue={setName}
      />
      {error !== undefined && <ErrorNote error={error} />}
      <div class="row">
        <Button look="main" type="submit" disabled={name === ""}>
          {renamed === undefined ? "Create" : "Rename"}
        </Button>
      </div>
      <CommandHint
        words={
          renamed === undefined
            ? ["environment", "create", name || "NAME"]
            : ["environment", "update", renamed.name, "--set-name", name]
        }
      />
    </Dialog>
  );
}

function DeleteEnvironment({ environment, onClose }: { readonly environment: Environment; onClose(): void }) {
  const { client } = signedIn.value!;
  const { name } = environment;
  return (
    <TypeToConfirm
      title="Delete environment"
      name={name}
      action="Delete for good"
      onClose={onClose}
      onConfirm={async () => {
        await client.environments.delete(name);
        await loadEnvironments(client);
        go({ view: "dicts", environment: "" });
      }}
    >
      <p>Every dictionary in it will be lost. This cannot be undone.</p>
      <CommandHint words={["environment", "delete", name]} />
    </TypeToConfirm>
  );
}

interface ListOptions {
  onRename(environment: Environment): void;
  onDelete(environment: Environment): void;
}

function EnvironmentList({ onRename, onDelete }: ListOptions) {
  return (
    <ul class="dicts-environments">
      {environments.value.map((each) => (
        <li key={each.id} class="row">
          <bdi class="grow">
            {each.name} {each.isDefault && <span class="badge">default</span>}
          </bdi>
          <Button look="quiet" aria-label={`Rename ${each.name}`} onClick={() => onRename(each)}>
            Rename
          </Button>
          {!each.isDefault && (
            <Button look="quiet" aria-label={`Delete ${each.name}`} onClick={() => onDelete(each)}>
              Delete…
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
