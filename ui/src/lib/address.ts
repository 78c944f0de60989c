// An account's address: an HTTPS origin and nothing more.
export interface Origin {
  origin: string | null;
  /** What was cut off, to be said. */
  cut: string | null;
  problem: string | null;
}

export function originOf(typed: string): Origin {
  const text = typed.trim();
  if (text === "") return { origin: null, cut: null, problem: "The address is required." };
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  let address: URL;
  try {
    address = new URL(whole);
  } catch {
    return { origin: null, cut: null, problem: "This is no address. It looks like https://name.example." };
  }
  const local = address.hostname === "localhost" || address.hostname === "127.0.0.1";
  if (address.protocol !== "https:" && !(address.protocol === "http:" && local)) {
    return { origin: null, cut: null, problem: "Only https:// keeps the sign-in secret on its way." };
  }
  if (address.username !== "" || address.password !== "") {
    return { origin: null, cut: null, problem: "Leave user and password out of the address." };
  }
  const rest = `${address.pathname === "/" ? "" : address.pathname}${address.search}${address.hash}`;
  return { origin: address.origin, cut: rest === "" ? null : rest, problem: null };
}
