// Settings: what truly works here, saved at once, each with an Undo (ux.md §10.16).
import { Select, Switch } from "../../components/kit";
import { useKept } from "../../lib/kept";
import { PREFERENCES, type Preferences, showPreferences, START, TEXT_SIZES } from "../../lib/preferences";
import { setTheme, type Theme, THEMES, useTheme } from "../../lib/theme";
import { Header } from "../../shell/header";
import { useToast } from "../../state/toast";
import { Backup } from "./backup";
import { Configuration } from "./configuration";
import { Row, Section } from "./parts";
import { System } from "./system";
import "./settings.css";

export function Settings({ version }: { version: string }) {
  const toast = useToast();
  const theme = useTheme();
  const [kept, keep] = useKept<Preferences>(PREFERENCES, START);
  const set = (next: Preferences) => {
    keep(next);
    showPreferences();
  };
  const change = (part: Partial<Preferences>, text: string) => {
    set({ ...kept, ...part });
    toast({ text, undo: () => set(kept) });
  };
  const changeTheme = (next: Theme) => {
    setTheme(next);
    toast({ text: `Theme: ${THEMES.find((one) => one.theme === next)?.label ?? next}.`, undo: () => setTheme(theme) });
  };
  return (
    <>
      <Header title="Settings" context={<span className="cut">Saved at once, on this computer.</span>} />
      <div className="screen settings">
        <Section title="Appearance">
          <Row label="Theme" note="System follows the computer's light or dark setting.">
            <Select labelHidden label="Theme" value={theme} change={changeTheme} options={THEMES.map((one) => ({ value: one.theme, label: one.label }))} />
          </Row>
          <Row label="Text size" note="Grows everything in the window together.">
            <Select labelHidden label="Text size" value={kept.text} change={(text) => change({ text }, `Text size: ${text} %.`)} options={TEXT_SIZES.map((size) => ({ value: size, label: `${size} %` }))} />
          </Row>
          <Row label="Density" note="Compact makes rows and controls lower.">
            <Select
              labelHidden label="Density" value={kept.density} change={(density) => change({ density }, `Density: ${density === "compact" ? "Compact" : "Comfortable"}.`)}
              options={[{ value: "comfortable", label: "Comfortable" }, { value: "compact", label: "Compact" }]}
            />
          </Row>
        </Section>
        <Section title="Keyboard">
          <Row label="Single-letter keys" note="Keys without Ctrl, such as J and K in lists, 1 and 2 in conflicts, and ?. Switch them off when speech input types them by accident.">
            <Switch
              label="Single-letter keys" on={kept.letters !== "off"}
              change={(on) => change({ letters: on ? "on" : "off" }, `Single-letter keys are ${on ? "on" : "off"}.`)}
            />
          </Row>
        </Section>
        <System />
        <Configuration />
        <Backup />
        <Section title="About">
          <Row label="Lockstep" note="Sign-ins lie in the keychain, tickets in one file on this computer; traffic goes straight to the platforms.">
            <span className="settings-version">Version {version}</span>
          </Row>
        </Section>
      </div>
    </>
  );
}
