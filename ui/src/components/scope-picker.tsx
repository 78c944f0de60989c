// Where in an account tickets lie: chosen from what the platform lists, or typed where it lists nothing or not this.
import { type ReactNode, useState } from "react";
import type { Scope } from "../api/generated/Scope";
import { useQuery } from "../api/query";
import { alike, containersOf, inContainer, offerOf, scopeWords, whatOf } from "../lib/scopes";
import { Button, Select } from "./kit";
import { LateField } from "./late-field";
import { sentence } from "./shapes";
import "./scope-picker.css";

const EMPTY: Scope = { container: "", ticket_type: "" };

interface ScopePickerProps {
  /** In front of each label: "Source", "Jira". */
  label: string;
  account: string;
  platform: string;
  scope: Scope | null;
  change: (scope: Scope) => void;
  /** Said below it. */
  problem?: string | null;
  children?: ReactNode;
}

export function ScopePicker({ label, account, platform, scope, change, problem = null, children }: ScopePickerProps) {
  const listed = useQuery("list_scopes", { account });
  const [chosen, choose] = useState<"list" | "hand" | null>(null);
  const offers = listed.data ?? [];
  const words = scopeWords(platform);
  const named = scope !== null && scope.ticket_type !== "";
  const here = named ? offerOf(offers, scope) : null;
  // What stands in the document and in no list is shown as it was typed.
  const fits = listed.data !== null && named && here === null ? "hand" : "list";
  const byHand = listed.error !== null || (chosen ?? fits) === "hand";
  const name = (what: string) => `${label} ${what.toLowerCase()}`;
  return (
    <div className="scope-picker">
      {byHand ? <ByHand name={name} platform={platform} scope={scope ?? EMPTY} change={change} /> : (
        <Listed name={name} platform={platform} offers={offers} reading={listed.data === null} scope={scope} here={here} change={change} />
      )}
      {listed.error !== null && (
        <p className="field-problem">
          {words.type}s could not be listed: {sentence(listed.error.message)} {listed.error.hint !== null && sentence(listed.error.hint)} <Button kind="quiet" size="small" onClick={listed.reload}>List again</Button>
        </p>
      )}
      {problem !== null && <p className="field-problem">{problem}</p>}
      {children}
      {listed.error === null && listed.data !== null && (
        <p>
          {byHand
            ? <Button kind="quiet" size="small" onClick={() => choose("list")}>Choose from the list</Button>
            : <Button kind="quiet" size="small" onClick={() => choose("hand")}>Type it by hand</Button>}
        </p>
      )}
    </div>
  );
}

interface PartProps {
  name: (what: string) => string;
  platform: string;
}

interface ListedProps extends PartProps {
  offers: Parameters<typeof containersOf>[0];
  reading: boolean;
  scope: Scope | null;
  here: ReturnType<typeof offerOf>;
  change: (scope: Scope) => void;
}

function Listed({ name, platform, offers, reading, scope, here, change }: ListedProps) {
  const words = scopeWords(platform);
  const containers = containersOf(offers);
  const [looked, look] = useState("");
  const container = here?.scope.container ?? looked;
  const inside = containers.length === 0 ? offers : inContainer(offers, container);
  const go = (to: string) => {
    look(to);
    const next = alike(offers, to, here === null ? null : whatOf(here));
    if (here !== null && next !== null) change(next.scope);
  };
  const waiting = reading ? "Reading…" : null;
  return (
    <>
      {containers.length > 0 && (
        <Select
          label={name(words.container)} value={container} change={go}
          options={[...(container === "" ? [{ value: "", label: `${words.chooseContainer}…` }] : []), ...containers.map(({ id, label }) => ({ value: id, label }))]}
        />
      )}
      <Select
        label={name(words.type)} value={here === null ? "" : String(inside.indexOf(here))}
        change={(at) => {
          const next = inside[Number(at)];
          if (at !== "" && next !== undefined) change(containers.length === 0 ? { ...next.scope, container: scope?.container ?? "" } : next.scope);
        }}
        options={[...(here === null ? [{ value: "", label: waiting ?? `${words.chooseType}…` }] : []), ...(containers.length > 0 && container === "" ? [] : inside).map((offer, at) => ({ value: String(at), label: whatOf(offer) }))]}
      />
      {containers.length === 0 && !reading && (
        <LateField label={name(words.container)} value={scope?.container ?? ""} note={words.containerNote} change={(to) => change({ ...(scope ?? EMPTY), container: to })} />
      )}
    </>
  );
}

interface ByHandProps extends PartProps {
  scope: Scope;
  change: (scope: Scope) => void;
}

function ByHand({ name, platform, scope, change }: ByHandProps) {
  const words = scopeWords(platform);
  const { request_type: request = "", ...rest } = scope;
  return (
    <>
      <LateField label={name(words.container)} value={scope.container} note={words.containerNote} change={(container) => change({ ...scope, container })} />
      <LateField label={name(words.type)} required value={scope.ticket_type} note={words.typeNote} change={(ticket_type) => change({ ...scope, ticket_type })} />
      {platform === "jira" && (
        <LateField label={name("Request type")} value={request} note="Id; a new ticket is then a customer request." change={(text) => change(text === "" ? rest : { ...rest, request_type: text })} />
      )}
    </>
  );
}
