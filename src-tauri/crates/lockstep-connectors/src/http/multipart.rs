//! A one-file multipart body that streams and has a known length.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::HeaderValue;
use lockstep_core::connector::ByteStream;
use lockstep_core::marker::hex;
use sha2::{Digest, Sha256};

/// Wraps `body` as the only part `field` of a `multipart/form-data` body: its content type, the body, its length.
///
/// `salt` (an operation's or ticket's id) makes the boundary hard to guess for whoever wrote the file.
pub fn file_part(
    field: &str,
    name: &str,
    mime: &str,
    size_bytes: u64,
    salt: &str,
    body: ByteStream,
) -> (HeaderValue, ByteStream, u64) {
    let boundary =
        format!("lockstep-{}", &hex(&Sha256::digest(format!("{salt}\n{name}\n{size_bytes}")))[..32]);
    let mime = mime.parse::<HeaderValue>().ok().and_then(|value| value.to_str().ok().map(str::to_owned));
    let mime = mime.unwrap_or_else(|| "application/octet-stream".to_owned());
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {mime}\r\n\r\n",
        quoted(field),
        quoted(name),
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    let length = size_bytes + head.len() as u64 + tail.len() as u64;
    let start = stream::iter([Ok(Bytes::from(head))]);
    let end = stream::iter([Ok(Bytes::from(tail))]);
    let kind = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"))
        .expect("the boundary is plain ASCII");
    (kind, Box::pin(start.chain(body).chain(end)), length)
}

/// As the HTML standard spells names in a form.
fn quoted(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .map(|character| if character == '"' { "%22".to_owned() } else { character.to_string() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt;

    #[tokio::test]
    async fn the_length_is_right_and_names_cannot_break_out() {
        let body: ByteStream =
            Box::pin(stream::iter([Ok(Bytes::from_static(b"abc")), Ok(Bytes::from_static(b"de"))]));
        let (kind, body, length) = file_part("file", "a\"\r\nX: y.png", "image/png", 5, "t", body);
        let whole: Vec<Bytes> = body.try_collect().await.unwrap();
        let whole = String::from_utf8(whole.concat()).unwrap();
        assert_eq!(whole.len() as u64, length);
        assert!(
            whole.contains("filename=\"a%22X: y.png\"") && whole.contains("\r\n\r\nabcde\r\n--lockstep-")
        );
        assert!(kind.to_str().unwrap().starts_with("multipart/form-data; boundary=lockstep-"));
    }
}
