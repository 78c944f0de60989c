// The glyph of each kind of field; its name always stands beside it.
import type { FieldKind } from "../../../api/generated/FieldKind";
import type { IconName } from "../../../components/icons";

export const KINDS: Record<FieldKind, IconName> = {
  line: "text", text: "text", rich: "text", choice: "list", status: "list", set: "tag", number: "number", boolean: "checked", date: "calendar",
  date_time: "calendar", person: "person", group: "people", reference: "link",
};
