// The mapping of a connection (ux.md §10.6): opens its documents, then the editor over them.
import { useQuery } from "../../../api/query";
import { ErrorCard, Skeleton } from "../../../components/shapes";
import type { TabProps } from "../tabs";
import { Editor } from "./editor";
import "./mapping.css";
import "./try.css";
import "./value-map.css";

export function Mapping({ connection, tell }: TabProps) {
  const opened = useQuery("open_editor", { connection: connection.id });
  if (opened.data !== null) return <Editor key={connection.id} connection={connection} opened={opened.data} tell={tell} />;
  return (
    <div className="screen">
      {opened.error === null
        ? <div className="card"><Skeleton rows={8} what="the mapping" /></div>
        : <ErrorCard title="The mapping could not be opened" error={opened.error} retry={opened.reload} />}
    </div>
  );
}
