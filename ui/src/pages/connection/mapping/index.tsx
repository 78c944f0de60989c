// The mapping of a connection (ux.md §10.6): opens its document, then the editor over it.
import { TypeEditor } from "../editing/frame";
import type { TabProps } from "../tabs";
import { Editor } from "./editor";
import "./mapping.css";
import "./try.css";
import "./value-map.css";

export function Mapping({ connection }: TabProps) {
  return <TypeEditor key={connection.id} connection={connection.id}>{(open, mapping) => <Editor connection={connection} open={open} mapping={mapping} />}</TypeEditor>;
}
