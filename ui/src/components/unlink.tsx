// Unlinking asks first, names both tickets, and says what stays (ux.md §5).
import { useAct } from "../api/query";
import { asApiError, useTransport } from "../api/transport";
import { useLive } from "../state/live";
import { useToast } from "../state/toast";
import { Dialog } from "./dialog";
import { Button } from "./kit";
import { ErrorCard } from "./shapes";

interface UnlinkDialogProps {
  connection: string;
  ticket: string;
  /** Both keys, as the list shows them. */
  pair: string;
  close: () => void;
  done: () => void;
}

export function UnlinkDialog({ connection, ticket, pair, close, done }: UnlinkDialogProps) {
  const { act, busy, error } = useAct("unlink");
  const toast = useToast();
  const transport = useTransport();
  const { connections } = useLive();
  /** As if nothing had been: comments of the moments between travel too. */
  const undo = async (link: number) => {
    const of = connections.data?.connections.find((one) => one.name === connection)?.id;
    if (of === undefined) return;
    try {
      await transport.call("relink", { connection: of, link, copy_comments: true });
      toast({ text: `${pair} is linked again.` });
    } catch (thrown) {
      toast({ text: `${pair} stays unlinked: ${asApiError(thrown).message}. Links has it under Unlinked.` });
    }
    done();
  };
  const unlink = async () => {
    const answer = await act({ connection, key: ticket });
    if (answer === null) return;
    const marker = answer.marker_trouble === null ? "" : ` The mark on the target's ticket is still there: ${answer.marker_trouble}.`;
    const text = `${pair} is not linked any more.${marker}`;
    toast(answer.link.relink_until_ms === null ? { text } : { text, undo: () => void undo(answer.link.id) });
    close();
    done();
  };
  return (
    <Dialog
      title={`Unlink ${pair}?`} close={close}
      foot={<><Button data-first="" onClick={close}>Keep linked</Button><Button danger busy={busy} onClick={() => void unlink()}>Unlink</Button></>}
    >
      <p>Both tickets stay as they are. Lockstep stops copying between them.</p>
      {error !== null && <ErrorCard title={`${pair} was not unlinked`} error={error} />}
    </Dialog>
  );
}
