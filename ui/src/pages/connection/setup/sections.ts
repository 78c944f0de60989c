// The sections of Setup in their order, and which problems of the checker belong to which.
import type { FoundProblem } from "../../../api/generated/FoundProblem";

export const SECTIONS = [
  { id: "sides", label: "Sides" },
  { id: "scope", label: "Scope" },
  { id: "filters", label: "Filters" },
  { id: "direction", label: "Direction" },
  { id: "matching", label: "Matching" },
  { id: "comments", label: "Comments" },
  { id: "attachments", label: "Attachments" },
  { id: "people", label: "People" },
  { id: "limits", label: "Limits" },
] as const;

export type Section = (typeof SECTIONS)[number]["id"];

/** The section a problem is shown in; null where another tab shows it. */
export function sectionOf({ place, code }: FoundProblem): Section | null {
  switch (place.part) {
    case "filter":
      return "filters";
    case "matching":
      return "matching";
    case "comments":
      return "comments";
    case "attachments":
      return "attachments";
    case "whole":
      return code === "connections_overlap" || code === "ring_of_connections" || code === "not_confirmed" ? "scope" : null;
    default:
      return null;
  }
}
