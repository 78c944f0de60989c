// Somebody on one side, kept by the platform's id: looked for by e-mail, so that nobody has to know an id.
import { type KeyboardEvent, useState } from "react";
import type { FoundPerson } from "../../../api/generated/FoundPerson";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useAct } from "../../../api/query";
import { Button } from "../../../components/kit";
import { sentence } from "../../../components/shapes";
import { TextField } from "../../../components/text-field";
import { useReach } from "../../../state/reach";

interface PersonFieldProps {
  connection: number;
  mapping: TypeMapping;
  side: Side;
  label: string;
  id: string;
  wrong: string | null;
  practice: boolean;
  change: (id: string) => void;
}

export function PersonField({ connection, mapping, side, label, id, wrong, practice, change }: PersonFieldProps) {
  const { act, busy, error } = useAct("find_person");
  const reach = useReach(practice);
  const [found, setFound] = useState<FoundPerson | null>(null);
  const [nobody, setNobody] = useState<string | null>(null);
  const email = id.trim();
  const asks = email.includes("@");
  const find = async () => {
    const person = await act({ connection, mapping, side, email });
    if (person === null) {
      setNobody(email);
      return;
    }
    setFound(person);
    change(person.id);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !asks || busy || reach !== null) return;
    event.preventDefault();
    void find();
  };
  const lacking = error !== null ? sentence(error.message) : nobody === email ? "Nobody has this address there, or more than one person has." : asks ? "Find who has this address." : wrong;
  const known = found !== null && found.id === id ? `${found.name}${found.email === null ? "" : `, ${found.email}`}${found.active ? "" : ", not active"}` : undefined;
  return (
    <div className="setup-person" onKeyDown={keys}>
      <TextField small labelHidden label={label} value={id} problem={lacking} note={known} change={change} />
      {asks && <Button size="small" busy={busy} refused={reach} onClick={() => void find()}>Find</Button>}
    </div>
  );
}
