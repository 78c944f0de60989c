// Skip this change: what is given up is shown first, and only exactly that is skipped.
import type { OperationView } from "../../api/generated/OperationView";
import type { SideView } from "../../api/generated/SideView";
import { useAct, useQuery } from "../../api/query";
import { Question } from "../../components/question";
import { ErrorCard, Skeleton } from "../../components/shapes";
import { useToast } from "../../state/toast";

interface SkipProps {
  connection: number;
  ticket: { id: number; ticket: string };
  sides: { source: SideView; target: SideView };
  close: () => void;
  done: () => void;
}

export function SkipChange({ connection, ticket, sides, close, done }: SkipProps) {
  const { data, error, loading, reload } = useQuery("skip_change", { connection, ticket: ticket.id, mark: null });
  const skip = useAct("skip_change");
  const toast = useToast();
  const confirmed = async () => {
    if (data === null || loading) return;
    if ((await skip.act({ connection, ticket: ticket.id, mark: data.mark })) === null) {
      // What is given up may have changed meanwhile: it is shown anew.
      reload();
      return;
    }
    toast({ text: `The change of ${ticket.ticket} is skipped. It stays in step from now on.` });
    close();
    done();
  };
  return (
    <Question
      title={`Skip this change of ${ticket.ticket}?`} confirm="Skip this change" confirmed={() => void confirmed()} busy={skip.busy || loading} danger safe="Keep in quarantine"
      close={close}
    >
      <p>It is not written, now or later. The ticket keeps in step from what stands on both sides now.</p>
      {error !== null && <ErrorCard title="What is given up could not be read" error={error} retry={reload} />}
      {data === null && error === null && <Skeleton rows={2} what="what is given up" />}
      {data !== null && (
        <section aria-labelledby="skip-given">
          <h3 id="skip-given">What is given up</h3>
          {data.given_up.length === 0 && <p className="second">Nothing that is known now.</p>}
          <ul className="skip-list">{data.given_up.flatMap((operation, at) => told(operation, sides, at))}</ul>
        </section>
      )}
      {skip.error !== null && <ErrorCard title="Nothing was skipped" error={skip.error} />}
    </Question>
  );
}

function told(operation: OperationView, sides: SkipProps["sides"], at: number) {
  const where = (operation.side === "source" ? sides.source : sides.target).label;
  if (operation.changes.length === 0 || operation.kind === "create") {
    return [<li key={at}><span className="second">{where}</span><span>{operation.what.charAt(0).toUpperCase() + operation.what.slice(1)}</span></li>];
  }
  return operation.changes.map((change) => (
    <li key={`${at} ${change.field}`}>
      <span className="second">{where}</span>
      <span>{change.field}: {change.before === "" ? "empty" : change.before} → {change.after === "" ? "empty" : change.after}</span>
    </li>
  ));
}
