// Settings that the app keeps, not the page: pause, notifications, history, start. Saved at once, each with an Undo.
import type { Notify } from "../../api/generated/Notify";
import type { Settings as Kept } from "../../api/generated/Settings";
import type { SettingsPicture } from "../../api/generated/SettingsPicture";
import { useAct, useQuery } from "../../api/query";
import { Button, Select, Switch } from "../../components/kit";
import { ErrorCard } from "../../components/shapes";
import { useLive } from "../../state/live";
import { useToast } from "../../state/toast";
import { Row, Section } from "./parts";

const NOTHING = {};
const HOURS = Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: `${String(hour).padStart(2, "0")}:00` }));
const KEEP = [
  { value: "30", label: "30 days" }, { value: "90", label: "90 days" }, { value: "365", label: "365 days" }, { value: "forever", label: "Forever" },
];
const TELLS: { part: keyof Notify & ("sign_in_needed" | "stalled" | "decision" | "run_failed"); label: string; note: string }[] = [
  { part: "sign_in_needed", label: "Sign-in needed", note: "A platform refuses a sign-in, or the keychain has none." },
  { part: "stalled", label: "Stalled", note: "Automatic sync is on and no check finishes." },
  { part: "decision", label: "Decision", note: "A ticket was changed on both sides." },
  { part: "run_failed", label: "Run failed", note: "A run ended before it came to its tickets." },
];

export function System() {
  const { data, error, reload } = useQuery("read_settings", NOTHING);
  if (error !== null && data === null) return <ErrorCard title="The settings cannot be read" error={error} retry={reload} />;
  if (data === null) return <Section title="Sync"><Row label="Reading settings" note="A moment."><span /></Row></Section>;
  return <Loaded picture={data} reload={reload} />;
}

function Loaded({ picture, reload }: { picture: SettingsPicture; reload: () => void }) {
  const toast = useToast();
  const { connections } = useLive();
  const save = useAct("save_settings");
  const login = useAct("open_at_login");
  const folder = useAct("open_data_folder");
  const kept = picture.settings;

  const put = async (next: Kept) => {
    if ((await save.act(next)) === null) return;
    reload();
    connections.reload();
  };
  const change = async (part: Partial<Kept>, text: string) => {
    const answer = await save.act({ ...kept, ...part });
    if (answer === null) return;
    reload();
    connections.reload();
    toast({ text, undo: () => void put(kept) });
  };
  const notify = (part: Partial<Notify>, text: string) => void change({ notify: { ...kept.notify, ...part } }, text);
  const atLogin = async (on: boolean) => {
    if ((await login.act({ on })) === null) return;
    reload();
    toast({ text: on ? "Lockstep opens at login." : "Lockstep no longer opens at login.", undo: () => void login.act({ on: !on }).then(reload) });
  };

  return (
    <>
      {save.error && <ErrorCard title="The setting was not saved" error={save.error} />}
      <Section title="Sync">
        <Row label="Pause all" note="Automatic sync of every connection waits. Changes wait with it, none is lost.">
          <Switch label="Pause all" on={kept.paused} change={(on) => void change({ paused: on }, on ? "All connections are paused." : "Automatic sync goes on.")} />
        </Row>
      </Section>
      <Section title="Notifications">
        {TELLS.map(({ part, label, note }) => (
          <Row key={part} label={label} note={note}>
            <Switch label={label} on={kept.notify[part]} change={(on) => notify({ [part]: on }, `${label}: ${on ? "told" : "not told"}.`)} />
          </Row>
        ))}
        <Row label="Quiet hours" note="Nothing is told between these hours. The same hour twice: no quiet hours.">
          <span className="settings-hours">
            <Select
              labelHidden label="Quiet from" value={String(kept.notify.quiet_from_hour)} options={HOURS}
              change={(hour) => notify({ quiet_from_hour: Number(hour) }, "Quiet hours changed.")}
            />
            <Select
              labelHidden label="Quiet to" value={String(kept.notify.quiet_to_hour)} options={HOURS}
              change={(hour) => notify({ quiet_to_hour: Number(hour) }, "Quiet hours changed.")}
            />
          </span>
        </Row>
      </Section>
      <Section title="History">
        <Row label="Keep runs" note="Field values of older runs go; their counts stay for ever.">
          <Select
            labelHidden label="Keep runs" value={kept.keep_days === null ? "forever" : String(kept.keep_days)} options={KEEP}
            change={(days) => void change({ keep_days: days === "forever" ? null : Number(days) }, "How long runs are kept changed.")}
          />
        </Row>
      </Section>
      <Section title="Start">
        {login.error && <ErrorCard title="The system refused" error={login.error} />}
        <Row label="Open at login" note="Syncing begins when you log in to this computer.">
          <Switch
            label="Open at login" on={picture.opens_at_login ?? false} change={(on) => void atLogin(on)}
            refused={picture.opens_at_login === null ? "This system does not say which programs open at login." : null}
          />
        </Row>
        <Row label="Start in tray" note="Opened at login, Lockstep shows its tray icon and no window.">
          <Switch label="Start in tray" on={kept.start_in_tray} change={(on) => void change({ start_in_tray: on }, on ? "Lockstep starts in the tray." : "Lockstep starts with its window.")} />
        </Row>
      </Section>
      <Section title="Data">
        {folder.error && <ErrorCard title="The folder could not be opened" error={folder.error} />}
        <Row label="Data folder" note="One encrypted file holds links, history and settings; its key lies in the keychain.">
          <span className="settings-data"><code className="settings-folder">{picture.data_folder}</code><Button busy={folder.busy} onClick={() => void folder.act(NOTHING)}>Open data folder</Button></span>
        </Row>
      </Section>
    </>
  );
}
