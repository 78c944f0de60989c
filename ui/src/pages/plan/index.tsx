// Plan: every write, before it happens (ux.md §10.10). The plan that is applied is exactly this one.
import { useState } from "react";
import type { PlanDetail } from "../../api/generated/PlanDetail";
import { useAct, useQuery } from "../../api/query";
import { useTransport } from "../../api/transport";
import { CopyMenu } from "../../components/copy-menu";
import { FindBox } from "../../components/find-box";
import { Icon } from "../../components/icons";
import { Banner, Button, Pill } from "../../components/kit";
import { Planning } from "../../components/planning";
import { Empty, ErrorCard, Skeleton, TilePair } from "../../components/shapes";
import { momentInText } from "../../lib/format";
import { useOnline } from "../../lib/online";
import { usePanes } from "../../lib/panes";
import { go } from "../../lib/route";
import { Header } from "../../shell/header";
import { useLive } from "../../state/live";
import { useToast } from "../../state/toast";
import { Body } from "./body";
import { asCsv, asText } from "./copying";
import { useRows } from "./reading";
import "./plan.css";

export function Plan({ plan: id }: { plan: number }) {
  const detail = useQuery("plan_detail", { plan: id });
  const { data, put } = detail;
  const rows = useRows(id, put);
  const { connections, runs, plans } = useLive();
  const transport = useTransport();
  const toast = useToast();
  const online = useOnline();
  const planning = useAct("plan_sync");
  const [search, setSearch] = useState("");
  usePanes();
  const connection = connections.data?.connections.find((each) => each.id === data?.connection) ?? null;
  const practice = data !== null && data.source_side.practice && data.target_side.practice;
  const working = runs.some((run) => run.connection === data?.connection && run.result === null);
  const offline = online || practice ? null : "There is no network.";
  const atWork = working ? "A run of this connection is at work." : null;

  const planAgain = async () => {
    if (data === null || planning.busy) return;
    const since = data.since_ms ?? (connection?.first_run === true ? 0 : null);
    const made = await planning.act({ connection: data.connection, since_ms: since });
    if (made !== null) go({ page: "plan", plan: made.plan });
  };
  const again = () => void planAgain();
  const reload = () => {
    detail.reload();
    rows.again();
  };
  const gone = detail.error?.code === "not_found";
  return (
    <>
      <Header
        title="Plan" loading={(detail.loading && data !== null) || planning.busy}
        before={<Button kind="quiet" className="button-icon" aria-label="Back to Sync" onClick={() => go({ page: "sync", connection: data?.connection ?? null })}><Icon name="back" /></Button>}
        context={data !== null && <Context plan={data} flow={connection?.flow ?? "both"} practice={practice} />}
      >
        {data !== null && (
          <>
            <FindBox text={search} find={setSearch} />
            <CopyMenu
              text={() => asText(data, rows.rows)} csv={() => asCsv(rows.rows)} copied={(as) => toast({ text: `The plan was copied as ${as}.` })}
              refused={rows.complete ? null : "The rows are still being read."}
            />
            {data.stale === null && <Button icon="sync" busy={planning.busy} refused={planning.busy ? null : offline ?? atWork} onClick={again}>Plan again</Button>}
          </>
        )}
      </Header>
      {planning.busy && data !== null && (
        <Banner tone="accent" title="Planning again." action={<Button onClick={() => void transport.call("cancel_run", { connection: data.connection })}>Stop planning</Button>}>
          <Planning making={plans.get(data.connection) ?? null} /> Nothing is written, and this plan stays as it is.
        </Banner>
      )}
      {data?.stale != null && <Banner tone="warn" title="This plan cannot be applied any more." action={<Button busy={planning.busy} refused={offline} onClick={again}>Plan again</Button>}>{data.stale.replace(/ Plan again\.$/, "")}</Banner>}
      {data?.cancelled === true && <Banner tone="warn" title="Partly read.">Planning was stopped. This is what was read until then; applying writes no more than this.</Banner>}
      {planning.error && <div className="plan-error"><ErrorCard title="The plan could not be made" error={planning.error} retry={again} /></div>}
      {detail.error && (
        <div className="screen">
          <ErrorCard title={gone ? `Plan ${id} is not kept any more` : `Plan ${id} could not be read`} error={detail.error} {...(gone ? {} : { retry: reload })}>
            <Button onClick={() => go({ page: "sync", connection: null })}>Go to Sync</Button>
          </ErrorCard>
        </div>
      )}
      {data === null && detail.error === null && <Skeleton rows={12} what="the plan" />}
      {data !== null && detail.error === null && (isEmpty(data)
        ? <div className="screen"><div className="card"><Empty title="Both sides agree" actions={<Button onClick={() => go({ page: "sync", connection: data.connection })}>Back to Sync</Button>}>Nothing to write.</Empty></div></div>
        : <Body plan={data} connection={connection} rows={rows} search={search} find={setSearch} refused={refusal(data, planning.busy, atWork, offline)} planAgain={again} />)}
    </>
  );
}

function isEmpty(plan: PlanDetail): boolean {
  return plan.outcomes.every((each) => each.rows === 0);
}

/** Why nothing can be applied now, the gravest first. */
function refusal(plan: PlanDetail, planning: boolean, atWork: string | null, offline: string | null): string | null {
  if (plan.stale !== null) return plan.stale;
  if (plan.reasons.some((reason) => !reason.can_order)) return "Something must be mended first; it stands at the right.";
  if (planning) return "A new plan is being made.";
  return atWork ?? offline;
}

function Context({ plan, flow, practice }: { plan: PlanDetail; flow: "both" | "to_target" | "to_source"; practice: boolean }) {
  const now = useTransport().now();
  return (
    <>
      <TilePair source={plan.source_side} target={plan.target_side} flow={flow} />
      <span className="cut plan-connection">{plan.connection_name}</span>
      {practice && <Pill tone="accent">Practice</Pill>}
      <span className="quiet cut plan-made">Made {momentInText(plan.made_ms, now)}. Nothing is written yet.</span>
    </>
  );
}
