// What the form of an account asks for, by platform and sign-in method.
import type { Platform } from "../api/generated/Platform";
import type { SignIn } from "../api/generated/SignIn";

export type Method = SignIn["method"];
export type Part = "user" | "client_id" | "email";

interface MethodFacts {
  method: Method;
  label: string;
  /** What is asked besides the secret. */
  parts: Part[];
}

export const PLATFORMS: { platform: Platform; label: string; example: string; methods: MethodFacts[] }[] = [
  {
    platform: "servicenow", label: "ServiceNow", example: "https://company.service-now.com",
    methods: [
      { method: "basic", label: "User and password", parts: ["user"] },
      { method: "oauth_client", label: "OAuth, client credentials", parts: ["client_id"] },
      { method: "oauth_password", label: "OAuth, user and password", parts: ["client_id", "user"] },
      { method: "api_key", label: "API key", parts: [] },
    ],
  },
  { platform: "jira", label: "Jira", example: "https://company.atlassian.net", methods: [{ method: "token", label: "E-mail and API token", parts: ["email"] }] },
];

export const PARTS: Record<Part, { label: string; problem: string }> = {
  user: { label: "User name", problem: "The user name is required." },
  client_id: { label: "Client ID", problem: "The client ID is required." },
  email: { label: "E-mail", problem: "The e-mail the token belongs to is required." },
};

export function platformOf(platform: string) {
  return PLATFORMS.find((one) => one.platform === platform);
}

export function methodLabel(platform: string, method: string): string {
  return platformOf(platform)?.methods.find((one) => one.method === method)?.label ?? method;
}

export function signInOf(method: Method, parts: Record<Part, string>): SignIn {
  const [user, client_id, email] = [parts.user.trim(), parts.client_id.trim(), parts.email.trim()];
  switch (method) {
    case "basic":
      return { method, user };
    case "oauth_client":
      return { method, client_id };
    case "oauth_password":
      return { method, client_id, user };
    case "api_key":
      return { method };
    case "token":
      return { method, email };
  }
}

/** The inputs that make up the secret of a method. */
export function secretInputs(method: string, label: string): string[] {
  return method === "oauth_password" ? ["Client secret", "Password"] : [label.charAt(0).toUpperCase() + label.slice(1)];
}

/** The secret as the keychain keeps it. */
export function secretOf(method: string, typed: string[]): string {
  const [first = "", second = ""] = typed;
  return method === "oauth_password" ? JSON.stringify({ client_secret: first, password: second }) : first;
}
