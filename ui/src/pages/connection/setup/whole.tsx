// People and Limits: what holds for the whole connection, whatever the ticket type.
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { span } from "../../../lib/format";
import { NumberField } from "./copying";
import { PersonField } from "./person-field";
import { SectionCard } from "./pieces";
import type { SectionProps } from "./places";
import { intervalOf, limitsOf, peopleOf, withLimits, withPeople } from "./rules";

export function People({ open, mapping, names, problems }: SectionProps) {
  const people = peopleOf(open.document);
  const [source, target] = [names.name("source"), names.name("target")];
  const ids = { source: people.map((pair) => pair.source.trim()), target: people.map((pair) => pair.target.trim()) };
  const wrongId = (side: "source" | "target", at: number) => {
    const id = ids[side][at] ?? "";
    if (id === "") return "An email or an id is needed.";
    return ids[side].indexOf(id) === at ? null : "This person is paired above.";
  };
  const set = (next: typeof people, burst?: string) => open.edit((document) => withPeople(document, next), burst);
  return (
    <SectionCard id="people" title="People" problems={problems} about="People are matched by their email. Pairs made by hand come first; no person is ever created.">
      {people.length > 0 && (
        <table className="people" aria-label="Pairs made by hand">
          <thead><tr><th scope="col">{source}: email, or id</th><th scope="col">{target}: email, or id</th><td /></tr></thead>
          <tbody>
            {people.map((person, at) => (
              <tr key={at}>
                {(["source", "target"] as const).map((side) => (
                  <td key={side}>
                    <PersonField
                      connection={open.connection} mapping={mapping} side={side} practice={names.sides[side].practice}
                      label={`${side === "source" ? source : target} person of pair ${at + 1}`} id={person[side]} wrong={wrongId(side, at)}
                      change={(id) => set(people.with(at, { ...person, [side]: id }), `person ${at} ${side}`)}
                    />
                  </td>
                ))}
                <td><Button kind="quiet" size="small" className="button-icon" aria-label={`Remove pair ${at + 1}`} onClick={() => set(people.toSpliced(at, 1))}><Icon name="close" small /></Button></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p><Button kind="quiet" size="small" icon="plus" onClick={() => set([...people, { source: "", target: "" }])}>Add pair</Button></p>
    </SectionCard>
  );
}

export function LimitsSection({ open, problems }: SectionProps) {
  const limits = limitsOf(open.document);
  const interval = intervalOf(open.document);
  return (
    <SectionCard id="limits" title="Limits" problems={problems} about="A run that would do more stops and asks.">
      <div className="setup-three">
        <NumberField section="limits" label="Tickets created in a run" value={limits.creates_max} min={0} max={100_000} change={(creates_max) => open.edit((document) => withLimits(document, { creates_max }), "creates")} />
        <NumberField section="limits" label="Tickets closed in a run" value={limits.closes_max} min={0} max={100_000} change={(closes_max) => open.edit((document) => withLimits(document, { closes_max }), "closes")} />
        <NumberField section="limits" label="Seconds between automatic runs" value={interval} min={30} max={86_400} note={`Every ${span(interval * 1000)}.`} change={(interval_seconds) => open.edit((document) => ({ ...document, interval_seconds }), "interval")} />
      </div>
    </SectionCard>
  );
}
