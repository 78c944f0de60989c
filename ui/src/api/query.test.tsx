import { act, renderHook, waitFor } from "@testing-library/react";
import { createElement, type ReactNode } from "react";
import { describe, expect, it } from "vitest";
import { useQuery } from "./query";
import { type Transport, TransportProvider } from "./transport";

/** Answers are told to the screen a turn later. */
function settled(): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, 5);
  });
}

/** A transport whose answers a test gives by hand, in any order. */
function byHand() {
  const asked: { request: unknown; answer: (value: unknown) => void; fail: (error: unknown) => void }[] = [];
  const transport = {
    call: (_: string, request: unknown) => new Promise((answer, fail) => asked.push({ request, answer, fail })),
    subscribe: () => () => undefined,
    now: () => 0,
  } as unknown as Transport;
  const wrapper = ({ children }: { children: ReactNode }) => createElement(TransportProvider, { value: transport, children });
  const answer = (at: number, value: unknown) => act(async () => {
    asked[at]?.answer(value);
    await settled();
  });
  const fail = (at: number, error: unknown) => act(async () => {
    asked[at]?.fail(error);
    await settled();
  });
  return { asked, wrapper, answer, fail };
}

const plan = (number: number) => ({ plan: number });

describe("useQuery", () => {
  it("keeps the old answer while another request is read, and drops one that was overtaken", async () => {
    const { asked, wrapper, answer } = byHand();
    const { result, rerender } = renderHook(({ of }) => useQuery("plan_detail", plan(of)), { wrapper, initialProps: { of: 1 } });
    expect(result.current).toMatchObject({ data: null, error: null, loading: true });
    await answer(0, { plan: 1 });
    await waitFor(() => expect(result.current).toMatchObject({ data: { plan: 1 }, loading: false }));
    rerender({ of: 2 });
    await waitFor(() => expect(result.current).toMatchObject({ data: { plan: 1 }, loading: true }));
    rerender({ of: 3 });
    await waitFor(() => expect(asked).toHaveLength(3));
    await answer(2, { plan: 3 });
    await answer(1, { plan: 2 });
    await waitFor(() => expect(result.current).toMatchObject({ data: { plan: 3 }, loading: false }));
    expect(asked).toHaveLength(3);
  });

  it("keeps the answer beside a failure, and the failure until something succeeds", async () => {
    const { asked, wrapper, answer, fail } = byHand();
    const { result } = renderHook(() => useQuery("plan_detail", plan(1)), { wrapper });
    await fail(0, { code: "store", message: "the store is busy", hint: null });
    await waitFor(() => expect(result.current).toMatchObject({ data: null, error: { code: "store" }, loading: false }));
    act(() => result.current.reload());
    await waitFor(() => expect(asked).toHaveLength(2));
    expect(result.current).toMatchObject({ error: { code: "store" }, loading: true });
    await answer(1, { plan: 1 });
    await waitFor(() => expect(result.current).toMatchObject({ data: { plan: 1 }, error: null, loading: false }));
  });

  it("reads anew when told, even while the first read is under way", async () => {
    const { asked, wrapper, answer } = byHand();
    const { result } = renderHook(() => useQuery("plan_detail", plan(1)), { wrapper });
    act(() => result.current.reload());
    await waitFor(() => expect(asked).toHaveLength(2));
    await answer(1, { plan: 1, of: "now" });
    await answer(0, { plan: 1, of: "before" });
    await waitFor(() => expect(result.current).toMatchObject({ data: { of: "now" }, loading: false }));
  });

  it("shows a screen that was open before at once, and reads it anew", async () => {
    const { asked, wrapper, answer } = byHand();
    const { result, rerender } = renderHook(({ of }) => useQuery("plan_detail", plan(of)), { wrapper, initialProps: { of: 1 } });
    await answer(0, { plan: 1 });
    rerender({ of: 2 });
    await answer(1, { plan: 2 });
    rerender({ of: 1 });
    expect(result.current).toMatchObject({ data: { plan: 1 }, loading: true });
    expect(asked).toHaveLength(3);
  });

  it("takes the answer of another command in place of reading", async () => {
    const { asked, wrapper, answer } = byHand();
    const { result } = renderHook(() => useQuery("plan_detail", plan(1)), { wrapper });
    await answer(0, { plan: 1, stale: null });
    act(() => result.current.put({ plan: 1, stale: "old" } as never));
    await waitFor(() => expect(result.current.data).toMatchObject({ stale: "old" }));
    expect(asked).toHaveLength(1);
  });
});
