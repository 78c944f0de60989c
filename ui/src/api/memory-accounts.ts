// Made-up accounts. Companies and people are invented.
import type { AccountView } from "./generated/AccountView";
import type { TestLineView } from "./generated/TestLineView";
import { type Some, refused } from "./memory-kit";

export interface AccountWorld {
  accounts: AccountView[];
  /** What a test of an account answers, by its name. */
  tests: Record<string, TestLineView[]>;
}

export function emptyAccounts(): AccountWorld {
  return { accounts: [], tests: {} };
}

export function accountHandlers(world: AccountWorld): Some<"list_accounts" | "add_account" | "sign_in" | "test_account" | "remove_account" | "update_account" | "choose_certificates" | "forget_certificates"> {
  const of = (name: string) => {
    const found = world.accounts.find((account) => account.name === name);
    if (found === undefined) throw refused("not_found", `there is no account called ${name}`);
    return found;
  };
  return {
    list_accounts: () => world.accounts,
    add_account: (doc) => {
      if (world.accounts.some((account) => account.name === doc.name)) {
        throw refused("invalid", `There is an account called ${doc.name} already.`, "Choose another name.");
      }
      const view: AccountView = {
        name: doc.name, platform: doc.platform, platform_label: doc.platform === "jira" ? "Jira" : "ServiceNow", address: doc.address,
        method: doc.sign_in.method, user: null, secret_label: "secret", has_secret: false, signed_in_as: null,
        doc, dedicated: doc.dedicated, practice: false, sandbox: doc.sandbox ?? false, tested: null, used_by: [],
      };
      world.accounts = [...world.accounts, view];
      return view;
    },
    update_account: (doc) => {
      const found = of(doc.name);
      Object.assign(found, { doc, address: doc.address, dedicated: doc.dedicated, sandbox: doc.sandbox ?? false, has_secret: found.address === doc.address ? found.has_secret : false });
      return found;
    },
    choose_certificates: ({ account }) => {
      const found = of(account);
      found.doc = { ...found.doc, ca_file: "/etc/ssl/company.pem" };
      return found;
    },
    forget_certificates: ({ account }) => {
      const found = of(account);
      delete found.doc.ca_file;
      return found;
    },
    sign_in: ({ account }) => {
      const found = of(account);
      found.has_secret = true;
      found.signed_in_as = "lockstep.sync";
      return { account, user: "lockstep.sync", time_zone: "Europe/Berlin", skew_ms: 400 };
    },
    test_account: ({ account }) => {
      const lines = world.tests[of(account).name] ?? [];
      of(account).tested = { tested_ms: 0, lines };
      return lines;
    },
    remove_account: ({ account }) => {
      const found = of(account);
      if (found.used_by.length > 0) throw refused("invalid", `the account "${account}" is used by ${found.used_by.join(", ")}`);
      world.accounts = world.accounts.filter((other) => other !== found);
      return world.accounts;
    },
  };
}
