// What every editor shows before and around its document: reading, an error in its place, a connection without ticket types.
import type { ReactNode } from "react";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { Empty, ErrorCard, Skeleton } from "../../../components/shapes";
import { type OpenDocument, useDocument } from "./document";
import "./editing.css";

interface FrameProps {
  connection: number;
  children: (open: OpenDocument) => ReactNode;
}

/** Opens the document; the children are drawn once it is there. */
export function Editor({ connection, children }: FrameProps) {
  const { open, error, retry } = useDocument(connection);
  if (open === null) {
    return (
      <div className="screen">
        {error === null
          ? <div className="card"><Skeleton rows={8} what="the configuration" /></div>
          : <ErrorCard title="This connection could not be opened" error={error} retry={retry} />}
      </div>
    );
  }
  return <div className="editor" onBlur={open.settle}>{children(open)}</div>;
}

/** As `Editor`, for what belongs to one ticket type; begins anew with each. */
export function TypeEditor({ connection, children }: { connection: number; children: (open: OpenDocument, mapping: TypeMapping) => ReactNode }) {
  return (
    <Editor connection={connection}>
      {(open) => open.mapping === null
        ? <div className="screen"><Empty title="No ticket type yet">A ticket type says which tickets of both sides belong together. Mapping begins with one.</Empty></div>
        : children(open, open.mapping)}
    </Editor>
  );
}
