//! A small writer of JSON text, for answers with many tickets: no tree is built, stored JSON is copied as it is.

/// JSON text under construction. The caller opens and closes in order; commas come by themselves.
#[derive(Debug, Default)]
pub struct Json {
    out: Vec<u8>,
    follows: bool,
}

impl Json {
    /// An empty text with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { out: Vec::with_capacity(capacity), follows: false }
    }

    fn comma(&mut self) {
        if self.follows {
            self.out.push(b',');
        }
        self.follows = true;
    }

    /// Begins an object.
    pub fn open(&mut self) {
        self.comma();
        self.out.push(b'{');
        self.follows = false;
    }

    /// Ends an object.
    pub fn close(&mut self) {
        self.out.push(b'}');
        self.follows = true;
    }

    /// Begins an array.
    pub fn list(&mut self) {
        self.comma();
        self.out.push(b'[');
        self.follows = false;
    }

    /// Ends an array.
    pub fn end(&mut self) {
        self.out.push(b']');
        self.follows = true;
    }

    /// A key; its value must follow.
    pub fn key(&mut self, key: &str) -> &mut Self {
        self.comma();
        self.text(key);
        self.out.push(b':');
        self.follows = false;
        self
    }

    fn text(&mut self, text: &str) {
        serde_json::to_writer(&mut self.out, text).expect("writing to memory does not fail");
    }

    /// A string value.
    pub fn str(&mut self, text: &str) {
        self.comma();
        self.text(text);
    }

    /// A string value made by formatting.
    pub fn fmt(&mut self, text: std::fmt::Arguments<'_>) {
        self.str(&text.to_string());
    }

    /// JSON text as it is.
    pub fn raw(&mut self, json: &str) {
        self.comma();
        self.out.extend_from_slice(json.as_bytes());
    }

    /// An optional string; `null` for none.
    pub fn opt_str(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.str(text),
            None => self.raw("null"),
        }
    }

    /// Optional JSON text; `null` for none.
    pub fn opt_raw(&mut self, json: Option<&str>) {
        self.raw(json.unwrap_or("null"));
    }

    /// A whole number.
    pub fn int(&mut self, number: i64) {
        self.comma();
        let mut digits = [0_u8; 20];
        let mut at = digits.len();
        let mut rest = number.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            self.out.push(b'-');
        }
        self.out.extend_from_slice(&digits[at..]);
    }

    /// `true` or `false`.
    pub fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// The finished text.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    /// The finished text as a string, for tests.
    #[cfg(test)]
    pub fn finish_string(self) -> String {
        String::from_utf8(self.out).expect("only strings were written")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_come_by_themselves() {
        let mut json = Json::default();
        json.open();
        json.key("a").int(-120);
        json.key("b").list();
        json.str("x\"y");
        json.open();
        json.close();
        json.raw("null");
        json.end();
        json.key("c").bool(true);
        json.close();
        assert_eq!(json.finish_string(), r#"{"a":-120,"b":["x\"y",{},null],"c":true}"#);
    }
}
