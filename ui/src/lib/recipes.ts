// What a platform's admin has to set up for Lockstep's user, to read here and to copy into a request.
export interface Recipe {
  title: string;
  steps: string[];
}

const RECIPES: Record<string, Recipe> = {
  servicenow: {
    title: "What Lockstep needs in ServiceNow",
    steps: [
      "A user of its own that no person signs in with. Active, “Web service access only” ticked, “Password needs reset” not ticked.",
      "For a password: the user is a local one, outside single sign-on and without a second factor.",
      "Role itil, which reads and updates incidents and may call the REST API. Narrower: snc_platform_rest_api_access with sn_incident_read and sn_incident_write, and the same pair for each further kind of ticket.",
      "Only where Lockstep shall close incidents or change closed ones: itil_admin.",
      "Read access to the table sys_journal_field. Without it comments may miss their author.",
      "Read access to sys_choice and sys_dictionary, for the lists of values. The roles personalize_choices and personalize_read_dictionary give it; a read-only rule of your own is narrower.",
      "Read access to the e-mail field of sys_user, to recognise people on both sides.",
      "On releases with query rules: query_range on sys_updated_on and sys_id of each table that is synced.",
      "Read and write access to attachments of those tables.",
      "Time zone of the user GMT, date format yyyy-MM-dd.",
      "OAuth, client credentials: the property glide.oauth.inbound.client.credential.grant_type.enabled is true, and the registry entry names this user as its OAuth application user.",
      "API key: a REST API access policy for the Table API and a second one for the Attachment API.",
    ],
  },
  jira: {
    title: "What Lockstep needs in Jira",
    steps: [
      "An account of its own that no person signs in with, with access to the product.",
      "An API token of that account. Tokens end after a year at most: note the day. Passwords are not accepted.",
      "In each project that is synced: Browse projects, Create issues, Edit issues, Transition issues, Assign issues.",
      "For comments and files: Add comments, Edit own comments, Create attachments.",
      "Where Lockstep sets the reporter: Modify reporter. Where it links tickets: Link issues.",
      "In a service project: the account is an agent. As a customer it would see only what the portal shows, and no internal comments.",
      "The fields that are synced are on the screens for creating and editing, and those a transition asks for are on its screen.",
      "The global permission to browse users and groups, to find people by their e-mail.",
    ],
  },
};

export function recipeOf(platform: string): Recipe | null {
  return RECIPES[platform] ?? null;
}

export function recipeText(recipe: Recipe): string {
  return [recipe.title, "", ...recipe.steps.map((step) => `- ${step}`), ""].join("\n");
}
