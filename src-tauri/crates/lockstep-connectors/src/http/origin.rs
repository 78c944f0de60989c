//! Where an account's requests may go: to its own origin and nowhere else (reliability.md T4, T5, T6).

use lockstep_core::connector::{ConnectorError, ErrorKind};
use url::{Host, Url};

/// An account's base address: https, or plain http on this very computer; no user, no query, perhaps a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseAddress {
    url: Url,
    prefix: String,
}

impl BaseAddress {
    /// Takes the origin of what a person typed or pasted; any path in it is cut off.
    pub fn origin_of(text: &str) -> Result<BaseAddress, ConnectorError> {
        let mut url = parse(text)?;
        url.set_path("/");
        Ok(BaseAddress { url, prefix: String::new() })
    }

    /// Keeps the path as a prefix of every request (`https://api.atlassian.com/ex/jira/<cloud id>`).
    pub fn with_path(text: &str) -> Result<BaseAddress, ConnectorError> {
        let url = parse(text)?;
        let prefix = url.path().trim_end_matches('/').to_owned();
        Ok(BaseAddress { url, prefix })
    }

    /// `https://host[:port]`, the instance's own name for itself.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The host, for messages.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether the account lives on this very computer.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Whether the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The address of a path with its query, both already encoded; `path` begins with a slash.
    pub fn at(&self, path: &str) -> Result<Url, ConnectorError> {
        if !path.starts_with('/') {
            return Err(stopped("a request's path must begin with a slash"));
        }
        let text = format!("{}{}{path}", self.origin(), self.prefix);
        let url = Url::parse(&text).map_err(|_| stopped("a request's address cannot be built"))?;
        self.own(url)
    }

    /// The address of a link that the platform answered with; refused when it leads anywhere but to this origin.
    pub fn follow(&self, link: &str) -> Result<Url, ConnectorError> {
        let url = self
            .url
            .join(link)
            .map_err(|_| stopped("the platform answered with a link that is no address"))?;
        self.own(url)
    }

    fn own(&self, url: Url) -> Result<Url, ConnectorError> {
        let same = url.scheme() == self.url.scheme()
            && url.host() == self.url.host()
            && url.port_or_known_default() == self.url.port_or_known_default();
        if same && url.username().is_empty() && url.password().is_none() {
            return Ok(url);
        }
        Err(stopped(&format!(
            "the platform pointed to another address than {}; the request was not made",
            self.origin()
        )))
    }
}

fn parse(text: &str) -> Result<Url, ConnectorError> {
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| {
        refused(
            "is not a complete address",
            "Enter the address as the browser shows it, beginning with https://",
        )
    })?;
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(refused(
            "holds more than an address",
            "Leave out names, passwords and everything after ? or #",
        ));
    }
    if url.host().is_none() {
        return Err(refused("names no host", "Enter the address as the browser shows it"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(refused(
            "is not encrypted",
            "Use https:// (plain http only works for a server on this computer)",
        )),
        _ => Err(refused("is not a web address", "Use an address that begins with https://")),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn refused(what: &str, remedy: &str) -> ConnectorError {
    ConnectorError::new(ErrorKind::Stopped, format!("The base address {what}")).remedy(remedy)
}

fn stopped(sentence: &str) -> ConnectorError {
    let mut text = sentence.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    ConnectorError::new(ErrorKind::Stopped, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_computer_alone() {
        for good in [
            "https://acme.example",
            "http://localhost:8080",
            "http://127.0.0.1:1/x",
            "http://127.9.9.9",
            "http://[::1]:9",
        ] {
            assert!(BaseAddress::origin_of(good).is_ok(), "{good}");
        }
        for bad in [
            "http://acme.example",
            "http://localhost.evil",
            "http://localhost.",
            "http://127.0.0.1.evil.example",
            "http://169.254.169.254",
            "http://0.0.0.0",
            "http://[::]",
            "ftp://acme.example",
            "https://me:pw@acme.example",
            "https://acme.example/?x=1",
            "acme.example",
            "",
        ] {
            assert_eq!(BaseAddress::origin_of(bad).map_err(|e| e.kind), Err(ErrorKind::Stopped), "{bad}");
        }
    }

    #[test]
    fn follow_up_links_stay_at_home() {
        let base = BaseAddress::with_path("https://acme.example/ex/jira/1/").unwrap();
        assert_eq!(base.at("/rest?x=1").unwrap().as_str(), "https://acme.example/ex/jira/1/rest?x=1");
        assert!(base.follow("https://acme.example/other").is_ok());
        assert!(base.follow("HTTPS://ACME.example:443/other").is_ok());
        assert!(base.follow("/other").is_ok());
        for foreign in [
            "https://evil.example/x",
            "http://acme.example/x",
            "https://acme.example:444/x",
            "https://acme.example@evil.example/",
            "https://u@acme.example/",
            "https://acme.example./x",
            "//evil.example/x",
            "\\\\evil.example\\x",
            "https://2852039166/latest",
            "javascript:alert(1)",
        ] {
            assert_eq!(base.follow(foreign).map_err(|e| e.kind), Err(ErrorKind::Stopped), "{foreign}");
        }
        assert!(base.at("rest").is_err());
    }
}
