//! Refusals as Jira words them (sheet §4.4). The texts are localised: they are shown, never compared.

use std::collections::BTreeMap;

use lockstep_core::ids::FieldId;
use serde::Deserialize;

/// `{errorMessages, errors}` of the platform API, `{errorMessage}` of the service management API (§4.4).
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    #[serde(default)]
    error_messages: Vec<String>,
    /// By field; a value that is no text is shown as it is.
    #[serde(default)]
    errors: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    error_message: Option<String>,
}

impl ErrorBody {
    /// Reads a refusal in either style; `None` when the body is no such thing.
    pub fn parse(body: &[u8]) -> Option<ErrorBody> {
        let read: ErrorBody = serde_json::from_slice(body).ok()?;
        let reasons =
            !read.error_messages.is_empty() || !read.errors.is_empty() || read.error_message.is_some();
        reasons.then_some(read)
    }

    /// The reasons by field.
    pub fn by_field(&self) -> BTreeMap<FieldId, String> {
        self.errors.iter().map(|(field, reason)| (FieldId::from(field.as_str()), words(reason))).collect()
    }

    /// All reasons in one sentence.
    pub fn sentence(&self) -> String {
        let general = self.error_messages.iter().cloned().chain(self.error_message.clone());
        let by_field = self.errors.iter().map(|(field, reason)| format!("{field}: {}", words(reason)));
        general.chain(by_field).collect::<Vec<_>>().join(" ")
    }
}

fn words(reason: &serde_json::Value) -> String {
    reason.as_str().map_or_else(|| reason.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_in_both_styles() {
        let platform = ErrorBody::parse(br#"{"errorMessages":[],"errors":{"summary":"too long"}}"#).unwrap();
        assert_eq!(platform.sentence(), "summary: too long");
        let desk = br#"{"errorMessage":"no","i18nErrorMessage":{"i18nKey":"sd.x","parameters":[]}}"#;
        assert_eq!(ErrorBody::parse(desk).unwrap().sentence(), "no");
        assert!(ErrorBody::parse(b"<html>").is_none());
        assert!(ErrorBody::parse(b"{}").is_none());
    }
}
