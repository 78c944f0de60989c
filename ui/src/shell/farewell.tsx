// What the first closing of the window tells: the app goes on in the tray.
import { useEffect, useState } from "react";
import { useAct } from "../api/query";
import { useTransport } from "../api/transport";
import { Dialog } from "../components/dialog";
import { Button } from "../components/kit";

export function Farewell() {
  const transport = useTransport();
  const [asked, setAsked] = useState(false);
  const { act, error } = useAct("close_window");
  useEffect(() => transport.subscribe("closing", () => setAsked(true)), [transport]);
  useEffect(() => transport.subscribe("go", (address) => {
    if (/^#\/[a-z0-9/?=]+$/.test(address)) window.location.hash = address;
  }), [transport]);
  if (!asked) return null;
  const close = (quit: boolean) => void act({ quit }).then((answer) => {
    if (answer !== null) setAsked(false);
  });
  return (
    <Dialog
      title="Close the window" close={() => setAsked(false)}
      foot={<>
        <Button onClick={() => close(true)}>Quit</Button>
        <Button kind="primary" data-first onClick={() => close(false)}>Keep running</Button>
      </>}
    >
      <p>Lockstep keeps syncing in the background. Quit from the tray menu.</p>
      {error && <p role="alert">{error.message}</p>}
    </Dialog>
  );
}
