// The made-up accounts and what their tests answer. Companies and people are invented.
import type { AccountDoc } from "./generated/AccountDoc";
import type { AccountView } from "./generated/AccountView";
import type { TestLineView } from "./generated/TestLineView";
import type { AccountWorld } from "./memory-accounts";

function account(parts: Partial<AccountView> & Pick<AccountView, "name" | "platform">): AccountView {
  const jira = parts.platform === "jira";
  const word = parts.name.toLowerCase().split(" ")[0] ?? "desk";
  const address = parts.address ?? `https://${word}.example`;
  const doc: AccountDoc = {
    name: parts.name, platform: jira ? "jira" : "servicenow", address, dedicated: parts.dedicated ?? true, practice: parts.practice ?? false, sandbox: parts.sandbox ?? false,
    sign_in: jira ? { method: "token", email: `lockstep@${word}.example` } : { method: "basic", user: "lockstep.sync" },
  };
  return {
    doc, platform_label: jira ? "Jira" : "ServiceNow", address, method: jira ? "token" : "basic", user: jira ? `lockstep@${word}.example` : "lockstep.sync",
    secret_label: jira ? "API token" : "password", has_secret: true, signed_in_as: jira ? "Lockstep" : "lockstep.sync", dedicated: true, practice: false, sandbox: false, tested: null, used_by: [], ...parts,
  };
}

function line(name: string, result: string, detail: string, took_ms: number, remedy: string | null = null): TestLineView {
  return { name, result, detail, remedy, took_ms };
}

const DUNMARROW: TestLineView[] = [
  line("Sign-in works", "good", "As Lockstep Sync (lockstep.sync), time zone GMT", 212),
  line("Clocks agree", "good", "They differ by 0.4 s", 88),
  line("Incident can be read", "good", "INC0048231 is the newest", 164),
  line("Choice lists can be read", "good", "41 values", 140),
  line("Comments can be read", "degraded", "Only through the ticket's text; comments may miss their author", 97, "Give the user read access to the table sys_journal_field"),
  line("Files can be read", "failed", "403: the user may not read attachments", 61, "Allow this user on the Attachment API of incidents"),
  line("Write", "not_confirmed", "The first run proves it", 0),
];

export function accountWorld(): AccountWorld {
  return {
    accounts: [
      account({ name: "Corvane desk", platform: "jira", used_by: ["Dunmarrow incidents", "Ostrel alerts", "Pellworth requests"] }),
      account({ name: "Dunmarrow Water", platform: "servicenow", used_by: ["Dunmarrow incidents"] }),
      account({ name: "Fennick Retail", platform: "jira", has_secret: false, signed_in_as: null, used_by: ["Fennick stores"] }),
      account({ name: "Ostrel Rail", platform: "servicenow", method: "oauth_password", secret_label: "client secret and password as JSON", used_by: ["Ostrel alerts"], dedicated: false }),
      account({ name: "Tarn Valley sandbox", platform: "servicenow", method: "api_key", user: null, secret_label: "API key", sandbox: true }),
    ],
    tests: { "Dunmarrow Water": DUNMARROW, "Corvane desk": DUNMARROW.filter((each) => each.result === "good") },
  };
}
