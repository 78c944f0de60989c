//! A type for each kind of id, so that a comment's id never lands where a ticket's belongs.

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
        #[serde(transparent)]
        #[ts(export, export_to = "../../../../ui/src/api/generated/")]
        pub struct $name(pub String);

        impl $name {
            /// The id as text, exactly as the platform spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A ticket's stable id on its platform (ServiceNow `sys_id`, Jira `id`), never its display key.
    TicketId
}
text_id! {
    /// A field's API name on its platform (`short_description`, `customfield_10040`).
    FieldId
}
text_id! {
    /// A person's id on its platform (ServiceNow `sys_id`, Jira `accountId`).
    PersonId
}
text_id! {
    /// A comment's id on its platform.
    CommentId
}
text_id! {
    /// An attachment's id on its platform.
    AttachmentId
}
