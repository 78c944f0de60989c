// The built description, read anew shortly after each edit; an answer that was overtaken is dropped, the old one stays until then.
import { useEffect, useState } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { DescriptionPreview } from "../../../api/generated/DescriptionPreview";
import type { SampleView } from "../../../api/generated/SampleView";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { asApiError, useTransport } from "../../../api/transport";

const AFTER_MS = 100;

export interface Preview {
  shown: DescriptionPreview | null;
  error: ApiError | null;
}

export function usePreview(connection: number, mapping: TypeMapping, field: number, sample: SampleView | null): Preview {
  const transport = useTransport();
  const [preview, setPreview] = useState<Preview>({ shown: null, error: null });
  const order = JSON.stringify({ connection, mapping, field });
  const ticket = sample === null ? null : `${sample.key} ${sample.read_ms}`;
  useEffect(() => {
    if (ticket === null) return;
    let current = true;
    const timer = window.setTimeout(() => {
      transport.call("preview_description", JSON.parse(order) as { connection: number; mapping: TypeMapping; field: number }).then(
        (shown) => {
          if (current) setPreview({ shown, error: null });
        },
        (thrown: unknown) => {
          if (current) setPreview((before) => ({ ...before, error: asApiError(thrown) }));
        },
      );
    }, AFTER_MS);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [transport, order, ticket]);
  return ticket === null ? { shown: null, error: null } : preview;
}
