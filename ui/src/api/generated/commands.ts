// Written by `cargo test -p lockstep-app` from the list in commands.rs. Do not edit it.
import type { AccountDoc } from "./AccountDoc";
import type { AccountView } from "./AccountView";
import type { AppState } from "./AppState";
import type { AtLogin } from "./AtLogin";
import type { CancelAsked } from "./CancelAsked";
import type { CatchOrder } from "./CatchOrder";
import type { Catches } from "./Catches";
import type { Checked } from "./Checked";
import type { Closing } from "./Closing";
import type { ConfigOffer } from "./ConfigOffer";
import type { ConflictView } from "./ConflictView";
import type { ConnectionCard } from "./ConnectionCard";
import type { ConnectionDoc } from "./ConnectionDoc";
import type { ConnectionList } from "./ConnectionList";
import type { Counted } from "./Counted";
import type { Decision } from "./Decision";
import type { DescriptionOrder } from "./DescriptionOrder";
import type { DescriptionPreview } from "./DescriptionPreview";
import type { DocumentOrder } from "./DocumentOrder";
import type { EditorPicture } from "./EditorPicture";
import type { ExplanationPicture } from "./ExplanationPicture";
import type { ExportOrder } from "./ExportOrder";
import type { FilterCount } from "./FilterCount";
import type { FilterOrder } from "./FilterOrder";
import type { FoundPerson } from "./FoundPerson";
import type { Imported } from "./Imported";
import type { Inclusion } from "./Inclusion";
import type { LinkDetail } from "./LinkDetail";
import type { LinkPreview } from "./LinkPreview";
import type { LinkSearch } from "./LinkSearch";
import type { LinkTickets } from "./LinkTickets";
import type { Linked } from "./Linked";
import type { LinksPage } from "./LinksPage";
import type { MoreTickets } from "./MoreTickets";
import type { NameOrder } from "./NameOrder";
import type { NewConnection } from "./NewConnection";
import type { Nothing } from "./Nothing";
import type { OfAccount } from "./OfAccount";
import type { OfConnection } from "./OfConnection";
import type { OfLink } from "./OfLink";
import type { OfPlan } from "./OfPlan";
import type { OfRun } from "./OfRun";
import type { OfSome } from "./OfSome";
import type { OfTicket } from "./OfTicket";
import type { OfVersion } from "./OfVersion";
import type { OfferOrder } from "./OfferOrder";
import type { OfferedSide } from "./OfferedSide";
import type { OpenTicket } from "./OpenTicket";
import type { Pair } from "./Pair";
import type { PersonOrder } from "./PersonOrder";
import type { PickOrder } from "./PickOrder";
import type { PlanDetail } from "./PlanDetail";
import type { PlanOrder } from "./PlanOrder";
import type { PlanRows } from "./PlanRows";
import type { PlanRowsOrder } from "./PlanRowsOrder";
import type { QuarantineGroup } from "./QuarantineGroup";
import type { Quarantined } from "./Quarantined";
import type { RecentOrder } from "./RecentOrder";
import type { Relink } from "./Relink";
import type { RemovedConnection } from "./RemovedConnection";
import type { RetryOrder } from "./RetryOrder";
import type { ReviewOrder } from "./ReviewOrder";
import type { RunFilter } from "./RunFilter";
import type { RunPage } from "./RunPage";
import type { RunPicture } from "./RunPicture";
import type { RunStarted } from "./RunStarted";
import type { SampleView } from "./SampleView";
import type { SaveOrder } from "./SaveOrder";
import type { Saved } from "./Saved";
import type { ScopeChoice } from "./ScopeChoice";
import type { SetAutomatic } from "./SetAutomatic";
import type { Settings } from "./Settings";
import type { SettingsPicture } from "./SettingsPicture";
import type { SignInOrder } from "./SignInOrder";
import type { SignedIn } from "./SignedIn";
import type { Skip } from "./Skip";
import type { SkipOrder } from "./SkipOrder";
import type { StandIns } from "./StandIns";
import type { Suggestion } from "./Suggestion";
import type { SyncOrder } from "./SyncOrder";
import type { TestLineView } from "./TestLineView";
import type { TicketOffer } from "./TicketOffer";
import type { TicketPage } from "./TicketPage";
import type { Trial } from "./Trial";
import type { TypeOrder } from "./TypeOrder";
import type { VersionView } from "./VersionView";
import type { Written } from "./Written";

export interface Commands {
  /** Whether the store opens, and what is at work. Tries anew each time, so that it also unlocks. */
  app_state: { request: Nothing; response: AppState };
  /** Starts the practice pair on this computer, with its accounts and connection. */
  start_practice: { request: Nothing; response: ConnectionCard };
  /** All connections with their state. */
  list_connections: { request: Nothing; response: ConnectionList };
  /** Switches automatic sync of a connection. */
  set_automatic: { request: SetAutomatic; response: ConnectionCard };
  /** Reads both sides and tells what would be written; writes nothing. */
  plan_sync: { request: PlanOrder; response: PlanDetail };
  /** A kept plan without its rows. */
  plan_detail: { request: OfPlan; response: PlanDetail };
  /** A page of a plan's rows, of one outcome if wanted. */
  plan_rows: { request: PlanRowsOrder; response: PlanRows };
  /** Leaves rows of a plan in or out. */
  include_rows: { request: Inclusion; response: PlanDetail };
  /** Drops a plan; nothing of it was written. */
  discard_plan: { request: OfPlan; response: Nothing };
  /** Starts a run and answers once it works; `run` events tell the rest. */
  run_sync: { request: SyncOrder; response: RunStarted };
  /** Asks a run or a plan at work to stop after the ticket being dealt with. */
  cancel_run: { request: OfConnection; response: CancelAsked };
  /** Plans failed tickets of a run anew, and nothing else; writes nothing. */
  retry_tickets: { request: RetryOrder; response: PlanDetail };
  /** A page of the history. */
  list_runs: { request: RunFilter; response: RunPage };
  /** One run with the first page of its tickets. */
  run_detail: { request: OfRun; response: RunPicture };
  /** A further page of a run's tickets. */
  run_tickets: { request: MoreTickets; response: TicketPage };
  /** Closes the window: the app lives on in the tray, or ends. */
  close_window: { request: Closing; response: Nothing };
  /** All settings, with what the system says. */
  read_settings: { request: Nothing; response: SettingsPicture };
  /** Sets all settings. */
  save_settings: { request: Settings; response: SettingsPicture };
  /** Starts the app at login, or no longer. */
  open_at_login: { request: AtLogin; response: SettingsPicture };
  /** Opens a ticket in the system's browser. */
  open_ticket: { request: OpenTicket; response: Nothing };
  /** Writes the configuration without secrets into a file that a person chooses. */
  export_configuration: { request: ExportOrder; response: Written };
  /** Lets a person choose a configuration file, and tells what it would change. */
  choose_configuration: { request: Nothing; response: ConfigOffer };
  /** What the chosen file would change with other accounts in the place of those it names. */
  compare_configuration: { request: StandIns; response: ConfigOffer };
  /** Takes the chosen file over: all of it, or nothing. */
  import_configuration: { request: StandIns; response: Imported };
  /** Copies the store to a file that a person chooses. */
  back_up: { request: Nothing; response: Written };
  /** Shows the folder of all data in the system's file manager. */
  open_data_folder: { request: Nothing; response: Nothing };
  /** All accounts, by name. */
  list_accounts: { request: Nothing; response: Array<AccountView> };
  /** Adds an account without a secret. */
  add_account: { request: AccountDoc; response: AccountView };
  /** Describes an account anew; its name, platform and certificate file stay. */
  update_account: { request: AccountDoc; response: AccountView };
  /** Lets a person choose the file with the certificates of their company's own authority. */
  choose_certificates: { request: OfAccount; response: AccountView };
  /** Trusts only what the system trusts again. */
  forget_certificates: { request: OfAccount; response: AccountView };
  /** Keeps a secret in the keychain and proves it; one that is refused is not kept. */
  sign_in: { request: SignInOrder; response: SignedIn };
  /** Tries what the connections over an account need, line by line. */
  test_account: { request: OfAccount; response: Array<TestLineView> };
  /** Removes an account that no connection uses, and its secret; answers with those that are left. */
  remove_account: { request: OfAccount; response: Array<AccountView> };
  /** What an account offers to sync; asks the platform. */
  list_scopes: { request: OfAccount; response: Array<ScopeChoice> };
  /** Makes a connection over two accounts; its mapping has no rows yet. */
  add_connection: { request: NewConnection; response: ConnectionCard };
  /** Ends a connection; the tickets stay as they are on both sides. */
  remove_connection: { request: OfConnection; response: ConnectionList };
  /** Gives a connection another name. */
  rename_connection: { request: NameOrder; response: ConnectionCard };
  /** Makes a second connection with the same configuration, without links and runs. */
  duplicate_connection: { request: NameOrder; response: ConnectionCard };
  /** Connections deleted in the last 30 days. */
  removed_connections: { request: Nothing; response: Array<RemovedConnection> };
  /** Brings a deleted connection back; answers with those that are still deleted. */
  restore_connection: { request: OfConnection; response: Array<RemovedConnection> };
  /** Open and decided conflicts, oldest first. */
  list_conflicts: { request: OfSome; response: Array<ConflictView> };
  /** Writes choices down; the next run carries them out. */
  decide_conflicts: { request: Array<Decision>; response: Array<ConflictView> };
  /** Tickets in quarantine by cause. */
  list_quarantine: { request: OfSome; response: Array<QuarantineGroup> };
  /** Lets the next run try tickets again; answers with those that are left. */
  retry_quarantined: { request: Quarantined; response: Array<QuarantineGroup> };
  /** Tells what skipping a quarantined ticket's changes gives up, or does it. */
  skip_change: { request: SkipOrder; response: Skip };
  /** Links by their source's keys. */
  list_links: { request: LinkSearch; response: LinksPage };
  /** One link with its history, its comments and files, and its writes; asks no platform. */
  link_detail: { request: OfLink; response: LinkDetail };
  /** What linking two tickets would come to: both read side by side; writes nothing. */
  preview_link: { request: LinkTickets; response: LinkPreview };
  /** Links two tickets; the next run writes what was chosen. */
  link_tickets: { request: LinkTickets; response: Linked };
  /** Takes a pair up again that was unlinked less than 30 days ago. */
  relink: { request: Relink; response: Linked };
  /** Ends the link of a ticket; both tickets stay as they are. */
  unlink: { request: OfTicket; response: Linked };
  /** Why a ticket was synced, or was not. */
  explain_ticket: { request: OfTicket; response: ExplanationPicture };
  /** Opens a connection's live document, its draft, and what goes with them. */
  open_editor: { request: OfConnection; response: EditorPicture };
  /** What both sides of a type mapping offer: fields, values, workflow. */
  read_offers: { request: OfferOrder; response: Pair<OfferedSide> };
  /** Marks what changed in the live systems as looked at. */
  review_schema: { request: ReviewOrder; response: Pair<OfferedSide> };
  /** How many tickets a filter lets in now; asks the platform. */
  count_matches: { request: FilterOrder; response: FilterCount };
  /** Who has an e-mail address on one side; asks the platform. */
  find_person: { request: PersonOrder; response: FoundPerson | null };
  /** Checks a document, saved or not, against what is kept of both platforms. */
  check_document: { request: DocumentOrder; response: Checked };
  /** Keeps a draft; the live document stays in use. */
  save_draft: { request: SaveOrder; response: EditorPicture };
  /** Forgets the draft. */
  discard_draft: { request: OfConnection; response: EditorPicture };
  /** Puts a document into use, or keeps it as a draft where an error stands in it. */
  save_document: { request: SaveOrder; response: Saved };
  /** Saved versions, newest first. */
  list_versions: { request: OfConnection; response: Array<VersionView> };
  /** The document of one version. */
  read_version: { request: OfVersion; response: ConnectionDoc };
  /** Counts the tickets that hold each value of the picklists that are paired, a few calls a side. */
  count_values: { request: TypeOrder; response: Counted };
  /** Rows that could be drawn: fields that sound alike and can meet. */
  suggest_rows: { request: TypeOrder; response: Array<Suggestion> };
  /** Tickets of one side that changed lately, to pick one from. */
  recent_tickets: { request: RecentOrder; response: Array<TicketOffer> };
  /** Reads a ticket and its partner, and keeps both for trying. */
  pick_ticket: { request: PickOrder; response: SampleView };
  /** What a mapping as it stands in the editor would do with the ticket that was picked; asks nobody. */
  try_mapping: { request: TypeOrder; response: Trial };
  /** What the description builder writes for the ticket that was picked; asks nobody. */
  preview_description: { request: DescriptionOrder; response: DescriptionPreview };
  /** Which template catches which ticket, with the reasons. */
  test_templates: { request: CatchOrder; response: Catches };
}
