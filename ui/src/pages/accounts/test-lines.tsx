// The test of an account, line by line; what failed stands open with its remedy and a text for the admin.
import { useEffect, useState } from "react";
import type { AccountView } from "../../api/generated/AccountView";
import type { TestLineView } from "../../api/generated/TestLineView";
import { useAct } from "../../api/query";
import { useTransport } from "../../api/transport";
import { CopyButton } from "../../components/copy";
import { Icon, type IconName } from "../../components/icons";
import { Button } from "../../components/kit";
import { ErrorCard, sentence } from "../../components/shapes";
import { plural } from "../../lib/format";
import type { Tone } from "../../lib/words";
import { useReach } from "../../state/reach";

const RESULTS: Record<string, { icon: IconName; tone: Tone; words: string }> = {
  good: { icon: "check", tone: "ok", words: "works" },
  degraded: { icon: "warning", tone: "warn", words: "works in part" },
  failed: { icon: "close", tone: "bad", words: "fails" },
  not_confirmed: { icon: "nothing", tone: "plain", words: "not confirmed" },
};
const UNKNOWN = { icon: "nothing", tone: "plain", words: "not confirmed" } as const;

export function AccountTest({ account, tested }: { account: AccountView; tested: () => void }) {
  const { act, busy, error } = useAct("test_account");
  const reach = useReach(account.practice);
  const transport = useTransport();
  const [lines, setLines] = useState<TestLineView[] | null>(account.tested?.lines ?? null);
  const { name } = account;
  // Each line as soon as it is known; the answer has all of them once more.
  useEffect(() => transport.subscribe("tested", (news) => {
    if (news.account === name) setLines((before) => [...(before ?? []).filter((line) => line.name !== news.line.name), news.line]);
  }), [transport, name]);
  const test = async () => {
    const before = lines;
    setLines([]);
    // Where it could not be made, what the last one found stands.
    setLines(await act({ account: name }) ?? before);
    tested();
  };
  const failed = lines?.filter((line) => line.result === "failed").length ?? 0;
  return (
    <section className="card panel" aria-labelledby="test-title" aria-busy={busy}>
      <header className="test-head">
        <h3 id="test-title">Test</h3>
        <p className="second" role="status">{busy ? `Asking ${account.platform_label}, nothing is written` : lines === null ? "" : failed === 0 ? "Nothing fails" : `${plural(failed, "line")} ${failed === 1 ? "fails" : "fail"}`}</p>
        <Button busy={busy} refused={reach ?? (account.has_secret === false ? "Sign in first." : null)} onClick={() => void test()}>{lines === null ? "Test" : "Test again"}</Button>
      </header>
      {error !== null && <ErrorCard title="The test could not be made" error={error} retry={() => void test()} />}
      {lines === null && error === null && !busy && <p className="second">Tries what the connections over this account need, line by line.</p>}
      {lines !== null && <ul className="test-lines" aria-label="Lines of the test">{lines.map((line) => <Line key={line.name} line={line} account={account} />)}</ul>}
    </section>
  );
}

function Line({ line, account }: { line: TestLineView; account: AccountView }) {
  const mark = RESULTS[line.result] ?? UNKNOWN;
  const wrong = line.result === "failed";
  return (
    <li className={wrong ? "test-line test-failed" : "test-line"}>
      <span className={`tone-${mark.tone}`}><Icon name={mark.icon} /></span>
      <span className="test-name">{line.name}<span className="hidden-text">: {mark.words}.</span></span>
      <span className="test-detail">{wrong ? "" : line.detail}</span>
      <span className="test-took">{line.took_ms > 0 ? `${line.took_ms}\u00a0ms` : ""}</span>
      {(wrong || line.remedy !== null) && (
        <div className="test-remedy">
          {wrong && <p><span className="quiet">Cause</span> {sentence(line.detail)}</p>}
          {line.remedy !== null && <p><span className="quiet">Fix</span> {sentence(line.remedy)}</p>}
          {wrong && <CopyButton small label="Copy for your admin" text={forAdmin(line, account)} />}
        </div>
      )}
    </li>
  );
}

function forAdmin(line: TestLineView, account: AccountView): string {
  const who = account.user === null ? "" : `, user ${account.user}`;
  return [`${account.platform_label}: ${account.address}${who}`, `What fails: ${line.name}`, `Answer: ${sentence(line.detail)}`, line.remedy === null ? "" : `Fix: ${sentence(line.remedy)}`].filter(Boolean).join("\n");
}
