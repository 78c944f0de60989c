// The own line set: 16 px, strokes of 1.5 px, drawn in the colour of the text beside it. Never alone: text tells the same.
import type { ReactNode } from "react";

const DRAWN = {
  grip: <path className="filled" d="M5 3h2v2H5zM9 3h2v2H9zM5 7h2v2H5zM9 7h2v2H9zM5 11h2v2H5zM9 11h2v2H9z" />,
  copy: <><rect x="5.4" y="5.4" width="8" height="8" rx="1.4" /><path d="M10.6 5.2V3.9a1.3 1.3 0 0 0-1.3-1.3H3.9a1.3 1.3 0 0 0-1.3 1.3v5.4a1.3 1.3 0 0 0 1.3 1.3h1.3" /></>,
  info: <><circle cx="8" cy="8" r="5.75" /><path d="M8 7.4v3.4M8 5v.1" /></>,
  beaker: <><path d="M6 2.4h4M6.8 2.4v4L3.2 12.2a1.1 1.1 0 0 0 .9 1.6h7.8a1.1 1.1 0 0 0 .9-1.6L9.2 6.4v-4" /><path d="M4.9 9.8h6.2" /></>,
  ticket: <path d="M1.8 4.6h12.4v2a1.4 1.4 0 0 0 0 2.8v2H1.8v-2a1.4 1.4 0 0 0 0-2.8z" />,
  pencil: <><path d="m3 13 .6-2.8 7-7a1.3 1.3 0 0 1 1.8 0l.4.4a1.3 1.3 0 0 1 0 1.8l-7 7z" /><path d="m9.4 4.4 2.2 2.2" /></>,
  overview: <><rect x="2" y="3" width="5" height="10" rx="1.5" /><rect x="9" y="3" width="5" height="10" rx="1.5" /></>,
  sync: <><path d="M2.8 6.6A5.4 5.4 0 0 1 12.6 5" /><path d="M12.9 2.2v3h-3" /><path d="M13.2 9.4A5.4 5.4 0 0 1 3.4 11" /><path d="M3.1 13.8v-3h3" /></>,
  key: <><circle cx="5.2" cy="10.8" r="2.7" /><path d="m7.2 8.8 6-6M10.6 5.4l2 2" /></>,
  paused: <><circle cx="8" cy="8" r="5.75" /><path d="M6.4 6v4M9.6 6v4" /></>,
  fork: <><path d="M8 13.5V9.2L4 5.4V3M8 9.2l4-3.8V3" /><path d="M2.4 4.6 4 3l1.6 1.6M10.4 4.6 12 3l1.6 1.6" /></>,
  dashed: <circle cx="8" cy="8" r="5.75" strokeDasharray="2.6 2.56" />,
  clock: <><circle cx="8" cy="8" r="5.75" /><path d="M8 4.8V8l2.1 1.4" /></>,
  checked: <><circle cx="8" cy="8" r="5.75" /><path d="m5.5 8.2 1.8 1.8 3.3-3.7" /></>,
  play: <><circle cx="8" cy="8" r="5.75" /><path className="filled" d="M6.7 5.6v4.8L10.6 8z" /></>,
  arc: <path d="M8 2.25A5.75 5.75 0 1 1 2.25 8" />,
  check: <path d="m3.2 8.4 3.1 3.1 6.5-7" />,
  warning: <><path d="M8 2.4 14.2 13H1.8z" /><path d="M8 6.4v3M8 11.2v.1" /></>,
  error: <><circle cx="8" cy="8" r="5.75" /><path d="M8 5v3.4M8 10.8v.1" /></>,
  nothing: <><circle cx="8" cy="8" r="5.75" /><path d="M5.4 8h5.2" /></>,
  network: <><path d="M2.2 6.6a8.4 8.4 0 0 1 11.6 0M4.4 9.1a5.2 5.2 0 0 1 7.2 0M6.5 11.4a2.1 2.1 0 0 1 3 0" /><path d="M8 13.3v.1" strokeWidth="2" /></>,
  stop: <><circle cx="8" cy="8" r="5.75" /><path d="m6 6 4 4M10 6l-4 4" /></>,
  plus: <path d="M8 3v10M3 8h10" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  next: <path d="m6 3.5 4.5 4.5L6 12.5" />,
  back: <path d="M10 3.5 5.5 8l4.5 4.5" />,
  down: <path d="m4 6.2 4 4 4-4" />,
  right: <path d="M2.5 8h11M9.5 4l4 4-4 4" />,
  disk: <><rect x="2" y="3.2" width="12" height="9.6" rx="1.6" /><path d="M2 9.4h12M11 11.2h.6" /></>,
  lock: <><rect x="3.4" y="7" width="9.2" height="6.6" rx="1.4" /><path d="M5.4 7V5a2.6 2.6 0 0 1 5.2 0v2" /></>,
  search: <><circle cx="7" cy="7" r="4.4" /><path d="m10.3 10.3 3.3 3.3" /></>,
  theme: <><circle cx="8" cy="8" r="5.75" /><path className="filled" d="M8 2.25v11.5a5.75 5.75 0 0 0 0-11.5z" /></>,
  sidebar: <><rect x="2" y="3" width="12" height="10" rx="1.6" /><path d="M6.2 3v10" /></>,
  eye: <><path d="M1.6 8S4 3.8 8 3.8 14.4 8 14.4 8 12 12.2 8 12.2 1.6 8 1.6 8z" /><circle cx="8" cy="8" r="1.9" /></>,
  link: <><path d="M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.7.7" /><path d="M9.4 6.6a2.6 2.6 0 0 0-3.7 0L3.4 8.9a2.6 2.6 0 0 0 3.7 3.7l.7-.7" /></>,
  archive: <><rect x="2" y="3" width="12" height="3.4" rx="1" /><path d="M3.2 6.4v5.4a1.4 1.4 0 0 0 1.4 1.4h6.8a1.4 1.4 0 0 0 1.4-1.4V6.4M6.4 9h3.2" /></>,
  account: <><circle cx="8" cy="5.4" r="2.6" /><path d="M3 13.4c.5-2.5 2.4-3.8 5-3.8s4.5 1.3 5 3.8" /></>,
  settings: <><path d="M2 5h6.2M12 5h2M2 11h2M7.8 11H14" /><circle cx="10.1" cy="5" r="1.9" /><circle cx="5.9" cy="11" r="1.9" /></>,
  unlink: <><path d="M9.4 6.6a2.6 2.6 0 0 0-3.7 0L3.4 8.9a2.6 2.6 0 0 0 3.7 3.7l.7-.7M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.7.7" /><path d="m3 3 10 10" /></>,
  keyboard: <><rect x="1.6" y="4" width="12.8" height="8" rx="1.6" /><path d="M4.4 6.8h.1M7 6.8h.1M9.6 6.8h.1M4.8 9.4h6.4" /></>,
  minus: <path d="M3.6 8h8.8" />,
  export: <><path d="M6.8 3.2H4.2a1.4 1.4 0 0 0-1.4 1.4v7.2a1.4 1.4 0 0 0 1.4 1.4h7.2a1.4 1.4 0 0 0 1.4-1.4V9.2" /><path d="M9.6 2.6h3.8v3.8M13.2 2.8 7.6 8.4" /></>,
  left: <path d="M13.5 8h-11M6.5 4l-4 4 4 4" />,
  both: <><path d="M2.8 5.6h10.4M10.8 3.2l2.4 2.4-2.4 2.4" /><path d="M13.2 10.8H2.8M5.2 8.4l-2.4 2.4 2.4 2.4" /></>,
  more: <path d="M3.4 8h.1M8 8h.1M12.5 8h.1" strokeWidth="2.2" />,
  undo: <><path d="M3 6.5h6.2a3.6 3.6 0 0 1 0 7.2H6.6" /><path d="M5.8 3.6 2.9 6.5l2.9 2.9" /></>,
  redo: <><path d="M13 6.5H6.8a3.6 3.6 0 0 0 0 7.2h2.6" /><path d="m10.2 3.6 2.9 2.9-2.9 2.9" /></>,
  text: <path d="M2.8 4.5h10.4M2.8 8h10.4M2.8 11.5h6.4" />,
  list: <><path d="M6 4.2h7.4M6 8h7.4M6 11.8h7.4" /><path d="M2.8 4.2h.1M2.8 8h.1M2.8 11.8h.1" strokeWidth="2.2" /></>,
  tag: <><path d="M2.6 7.6V3.4a.8.8 0 0 1 .8-.8h4.2l5.6 5.6a1.1 1.1 0 0 1 0 1.6l-3.4 3.4a1.1 1.1 0 0 1-1.6 0z" /><path d="M5.4 5.4h.1" strokeWidth="2" /></>,
  number: <path d="M6.4 2.8 5 13.2M11 2.8 9.6 13.2M3 6h10.4M2.6 10H13" />,
  calendar: <><rect x="2.4" y="3.4" width="11.2" height="10.2" rx="1.6" /><path d="M2.4 6.8h11.2M5.4 1.9v2.6M10.6 1.9v2.6" /></>,
  person: <><circle cx="8" cy="5.2" r="2.7" /><path d="M2.9 13.6c.5-2.7 2.5-4 5.1-4s4.6 1.3 5.1 4" /></>,
  people: <><circle cx="6" cy="5.6" r="2.3" /><path d="M1.8 13c.4-2.4 2-3.6 4.2-3.6s3.8 1.2 4.2 3.6M10.4 3.6a2.2 2.2 0 0 1 0 4M11.8 9.8c1.4.5 2.2 1.6 2.4 3.2" /></>,
  up: <path d="m4 9.8 4-4 4 4" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof DRAWN;

interface IconProps {
  name: IconName;
  small?: boolean;
  turning?: boolean;
}

export function Icon({ name, small = false, turning = false }: IconProps) {
  const classes = ["icon", small ? "icon-small" : "", turning ? "turning" : ""].filter(Boolean).join(" ");
  return (
    <svg className={classes} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {DRAWN[name]}
    </svg>
  );
}

/** The mark of Lockstep: two arrows that step past each other. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <rect x="2" y="2" width="60" height="60" rx="14" className="mark-ground" />
      <g className="mark-there">
        <path d="M15 36h11V19h16" />
        <path d="m41 12 11 7-11 7z" />
      </g>
      <g className="mark-back">
        <path d="M49 28H38v17H22" />
        <path d="M23 52 12 45l11-7z" />
      </g>
    </svg>
  );
}
