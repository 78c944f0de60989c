// Private tickets stay where they are unless a person says otherwise, and that is asked first.
import { useState } from "react";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { Checkbox } from "../../../components/kit";
import { Question } from "../../../components/question";
import type { OpenDocument } from "./document";
import { withKey } from "./parts";
import type { Names } from "./sides";

interface IncludePrivateProps {
  open: OpenDocument;
  mapping: TypeMapping;
  names: Names;
  label: string;
}

export function IncludePrivate({ open, mapping, names, label }: IncludePrivateProps) {
  const [asking, ask] = useState(false);
  const set = (on: boolean) => open.editType((type) => withKey(type, "include_private", on, false));
  const what = `private ${mapping.name.toLowerCase()}s`;
  return (
    <div className="edit-private">
      <Checkbox label={label} on={mapping.include_private === true} change={(on) => (on ? ask(true) : set(false))} />
      {asking && (
        <Question
          title={`Include ${what}?`} confirm={`Include ${what}`} danger safe="Keep them out" close={() => ask(false)}
          confirmed={() => {
            ask(false);
            set(true);
          }}
        >
          Their text leaves the platform that keeps it private. Everybody who sees the new ticket can read it, in {names.name("target")}{mapping.target_tickets === true && ` and in ${names.name("source")}`}.
        </Question>
      )}
    </div>
  );
}
