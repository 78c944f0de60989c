// The last 24 hours as bars: grey what was written, red what failed, dots where nothing was looked at.
import type { HourView } from "../../api/generated/HourView";
import { count } from "../../lib/format";

const HEIGHT = 20;
const STEP = 5.5;

export function Hours({ hours }: { hours: HourView[] }) {
  const most = Math.max(1, ...hours.map((hour) => hour.changed + hour.failed));
  const changed = hours.reduce((sum, hour) => sum + hour.changed, 0);
  const failed = hours.reduce((sum, hour) => sum + hour.failed, 0);
  return (
    <svg className="hours" role="img" aria-label={`Last 24 hours: ${count(changed)} changed, ${count(failed)} failed`} viewBox={`0 0 ${hours.length * STEP} ${HEIGHT}`}>
      {hours.map((hour, at) => {
        const tall = (value: number) => (value === 0 ? 0 : Math.max(2, (value / most) * HEIGHT));
        const [whole, bad] = [tall(hour.changed + hour.failed), tall(hour.failed)];
        if (whole === 0) return <rect key={at} className={hour.checked ? "hours-none" : "hours-missed"} x={at * STEP} y={HEIGHT - 1.5} width={hour.checked ? 4 : 1.5} height="1.5" />;
        return (
          <g key={at}>
            <rect className="hours-done" x={at * STEP} y={HEIGHT - whole} width="4" height={whole} rx="0.8" />
            {bad > 0 && <rect className="hours-failed" x={at * STEP} y={HEIGHT - whole} width="4" height={bad} rx="0.8" />}
          </g>
        );
      })}
    </svg>
  );
}
