// One toast at a time, bottom left, for 8 seconds, with Undo where the act can be undone. Errors never come as toasts.
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from "react";
import { Icon } from "../components/icons";
import { Button } from "../components/kit";
import "./toast.css";

const SHOWN_MS = 8000;

interface Toast {
  text: string;
  undo?: () => void;
}

const ToastContext = createContext<((toast: Toast) => void) | null>(null);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<(Toast & { at: number }) | null>(null);
  const [held, setHeld] = useState(false);
  const say = useCallback((next: Toast) => setToast((before) => ({ ...next, at: (before?.at ?? 0) + 1 })), []);
  const close = useCallback(() => {
    setToast(null);
    setHeld(false);
  }, []);

  useEffect(() => {
    if (toast === null || held) return;
    const timer = window.setTimeout(close, SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [toast, held, close]);

  const value = useMemo(() => say, [say]);
  return (
    <ToastContext value={value}>
      {children}
      <div className="toast-place" role="status">
        {toast && (
          <div
            key={toast.at} className="toast" onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}
            onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}
          >
            <span>{toast.text}</span>
            {toast.undo && <Button size="small" onClick={() => { toast.undo?.(); close(); }}>Undo</Button>}
            <button type="button" className="toast-close" aria-label="Close message" onClick={close}><Icon name="close" small /></button>
          </div>
        )}
      </div>
    </ToastContext>
  );
}

export function useToast(): (toast: Toast) => void {
  const say = use(ToastContext);
  if (say === null) throw new Error("the screen is not inside a ToastProvider");
  return say;
}
