//! A small cookie jar for one lane of calls to one origin: keeps a server session, so that each call need not open
//! its own (servicenow.md §8.2). No expiry, no paths: the jar ends with the client and serves a single origin.

use std::collections::VecDeque;

use http::{HeaderMap, HeaderValue, header};

/// Most cookies kept.
const COOKIES_MAX: usize = 24;
/// Longest cookie kept, bytes.
const COOKIE_BYTES_MAX: usize = 4096;

/// Contents remembered after their cookies are gone: an answer may still repeat them.
const GONE_MAX: usize = 2 * COOKIES_MAX;

/// Cookies by name, in order of arrival, and the contents of those that are gone.
#[derive(Default)]
pub(crate) struct Jar {
    cookies: Vec<(String, String)>,
    gone: VecDeque<String>,
}

impl Jar {
    /// Takes in what an answer sets.
    pub(crate) fn take_in(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(header::SET_COOKIE) {
            let Ok(text) = value.to_str() else { continue };
            let Some((name, content)) = text.split(';').next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let (name, content) = (name.trim(), content.trim());
            if name.is_empty() || name.len() + content.len() > COOKIE_BYTES_MAX {
                continue;
            }
            if self.cookies.iter().any(|(known, before)| known == name && before == content) {
                continue;
            }
            if let Some(at) = self.cookies.iter().position(|(known, _)| known == name) {
                let (_, before) = self.cookies.remove(at);
                self.forget(before);
            }
            if !content.is_empty() && self.cookies.len() < COOKIES_MAX {
                self.cookies.push((name.to_owned(), content.to_owned()));
            }
        }
    }

    /// Adds the header to a request.
    pub(crate) fn hand_out(&self, headers: &mut HeaderMap) {
        if self.cookies.is_empty() {
            return;
        }
        let text = self
            .cookies
            .iter()
            .map(|(name, content)| format!("{name}={content}"))
            .collect::<Vec<_>>()
            .join("; ");
        if let Ok(mut value) = HeaderValue::from_str(&text) {
            value.set_sensitive(true);
            headers.insert(header::COOKIE, value);
        }
    }

    /// The cookies' contents, now and before: each is worth as much as a sign-in.
    pub(crate) fn contents(&self) -> impl Iterator<Item = &str> {
        self.cookies.iter().map(|(_, content)| content).chain(&self.gone).map(String::as_str)
    }

    fn forget(&mut self, content: String) {
        if self.gone.len() == GONE_MAX {
            self.gone.pop_front();
        }
        self.gone.push_back(content);
    }

    /// Forgets the session, after a refused sign-in.
    pub(crate) fn empty(&mut self) {
        for (_, content) in std::mem::take(&mut self.cookies) {
            self.forget(content);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_name_is_sent_back() {
        let mut jar = Jar::default();
        let mut answer = HeaderMap::new();
        answer.append("set-cookie", "JSESSIONID=one; Path=/; HttpOnly".parse().unwrap());
        answer.append("set-cookie", "route=a".parse().unwrap());
        answer.append("set-cookie", "JSESSIONID=two".parse().unwrap());
        answer.append("set-cookie", "route=; Max-Age=0".parse().unwrap());
        jar.take_in(&answer);
        let mut request = HeaderMap::new();
        jar.hand_out(&mut request);
        assert_eq!(request["cookie"], "JSESSIONID=two");
        jar.empty();
        assert!(jar.contents().eq(["one", "a", "two"]), "what is gone is concealed as well");
    }
}
