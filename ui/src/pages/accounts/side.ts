// An account as a tile draws it.
import type { AccountView } from "../../api/generated/AccountView";
import type { SideView } from "../../api/generated/SideView";

export function sideOf(account: AccountView): SideView {
  return { account: account.name, platform: account.platform, label: account.platform_label, address: account.address, practice: account.practice, sandbox: account.sandbox };
}
