// An unlinked pair is taken up again within 30 days, from what the two last agreed on.
import { useState } from "react";
import type { LinkView } from "../../api/generated/LinkView";
import { useAct } from "../../api/query";
import { Checkbox } from "../../components/kit";
import { Question } from "../../components/question";
import { ErrorCard } from "../../components/shapes";
import { useToast } from "../../state/toast";

interface LinkAgainProps {
  connection: number;
  link: LinkView;
  close: () => void;
  done: () => void;
}

export function LinkAgain({ connection, link, close, done }: LinkAgainProps) {
  const { act, busy, error } = useAct("relink");
  const toast = useToast();
  const [copy, setCopy] = useState(false);
  const pair = `${link.source} ⇄ ${link.target}`;
  const again = async () => {
    if ((await act({ connection, link: link.id, copy_comments: copy })) === null) return;
    toast({ text: `${pair} is linked again.` });
    close();
    done();
  };
  return (
    <Question title={`Link ${pair} again?`} confirm="Link again" confirmed={() => void again()} busy={busy} close={close}>
      <p>Fields go on from what the two last agreed on: what changed on one side travels, what changed on both is asked about.</p>
      <Checkbox label="Copy comments and files written meanwhile" on={copy} change={setCopy} note={copy ? "the next run copies them" : "they count as known"} />
      {error !== null && <ErrorCard title={`${pair} was not linked`} error={error} />}
    </Question>
  );
}
