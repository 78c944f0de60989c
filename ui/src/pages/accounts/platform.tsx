// The first step of a new account: which platform.
import type { Platform } from "../../api/generated/Platform";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { Tile } from "../../components/shapes";
import { PLATFORMS } from "../../lib/platforms";

export function ChoosePlatform({ choose, cancel }: { choose: (platform: Platform) => void; cancel: () => void }) {
  return (
    <section className="split-detail" aria-labelledby="platform-title">
      <div className="split-body">
        <h2 id="platform-title">Which platform?</h2>
        <ul className="card platforms">
          {PLATFORMS.map(({ platform, label, methods }, at) => (
            <li key={platform}>
              <button type="button" className="platform" autoFocus={at === 0} onClick={() => choose(platform)}>
                <Tile side={{ account: "", platform, label, address: "", practice: false, sandbox: false }} role="source" />
                <span className="platform-text"><span className="strong">{label}</span><span className="second">{methods.map((method) => method.label).join("; ")}</span></span>
                <Icon name="next" />
              </button>
            </li>
          ))}
        </ul>
        <div><Button onClick={cancel}>Cancel</Button></div>
      </div>
    </section>
  );
}
