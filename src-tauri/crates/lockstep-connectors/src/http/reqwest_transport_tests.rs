//! The wire against a server of a few lines: what is sent, cut, packed too well, or pointed elsewhere.

use futures_util::TryStreamExt;
use http::{HeaderMap, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Answers each connection's first request with `answer` and closes; gives the address and the bytes received.
async fn server(answer: Vec<u8>) -> (String, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut received = vec![0; 65_536];
        let mut length = 0;
        loop {
            let count = socket.read(&mut received[length..]).await.unwrap();
            length += count;
            let text = String::from_utf8_lossy(&received[..length]).into_owned();
            let wanted = text
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
            if count == 0 || body.is_some_and(|body| body >= wanted.unwrap_or(0)) {
                break;
            }
        }
        received.truncate(length);
        let _ = socket.write_all(&answer).await;
        let _ = socket.shutdown().await;
        received
    });
    (address, task)
}

fn request(address: &str, timeout_ms: u64, answer_bytes_max: usize) -> WireRequest {
    WireRequest {
        method: Method::GET,
        url: format!("{address}/x").parse().unwrap(),
        headers: HeaderMap::new(),
        body: WireBody::Empty,
        timeout_ms,
        answer_bytes_max,
    }
}

fn transport(address: &str) -> ReqwestTransport {
    ReqwestTransport::new(&BaseAddress::origin_of(address).unwrap(), None).unwrap()
}

#[tokio::test]
async fn a_streamed_body_arrives_with_its_length() {
    let (address, received) = server(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok".to_vec()).await;
    let body = futures_util::stream::iter([Ok(Bytes::from_static(b"abc")), Ok(Bytes::from_static(b"def"))]);
    let mut request = request(&address, 5000, 10);
    request.method = Method::POST;
    request.body = WireBody::Stream { body: Box::pin(body), length: 6 };
    let answer = transport(&address).send(request).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (201, &b"ok"[..]));
    let received = String::from_utf8(received.await.unwrap()).unwrap().to_ascii_lowercase();
    assert!(received.contains("content-length: 6") && received.ends_with("abcdef"), "{received}");
    assert!(!received.contains("chunked"));
}

#[tokio::test]
async fn nobody_there_means_not_sent() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let answer = transport(&address).send(request(&address, 5000, 10)).await;
    assert!(matches!(answer, Err(WireError::NotSent(_))), "{answer:?}");
}

#[tokio::test]
async fn a_cut_body_or_no_answer_is_broken() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nonly this".to_vec();
    for answer in [cut, Vec::new()] {
        let (address, _) = server(answer).await;
        let outcome = transport(&address).send(request(&address, 5000, 100)).await;
        assert!(matches!(outcome, Err(WireError::Broken(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_silent_server_is_broken_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let outcome = transport(&address).send(request(&address, 100, 100)).await;
    assert_eq!(outcome.map(|_| ()), Err(WireError::Broken("no answer in time".to_owned())));
}

#[tokio::test]
async fn redirects_are_handed_up_and_not_followed() {
    let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = canary.local_addr().unwrap();
    let answer = format!("HTTP/1.1 307 Moved\r\nLocation: http://{elsewhere}/\r\nContent-Length: 0\r\n\r\n");
    let (address, _) = server(answer.into_bytes()).await;
    let answer = transport(&address).send(request(&address, 5000, 100)).await.unwrap();
    assert_eq!(answer.status.as_u16(), 307);
    let seen = tokio::time::timeout(Duration::from_millis(50), canary.accept()).await;
    assert!(seen.is_err(), "the canary was called");
}

/// gzip of `size` zero bytes by stored-free deflate would need a library; this is a hand-made run of one.
fn gzip_bomb() -> Vec<u8> {
    // `head -c 2000000 /dev/zero | gzip -9`, kept as its deflate core: a literal 0 and matches of 258.
    let mut bits: Vec<bool> = Vec::new();
    let mut push = |value: u32, count: u32, most_first: bool| {
        for index in 0..count {
            let shift = if most_first { count - 1 - index } else { index };
            bits.push(value >> shift & 1 == 1);
        }
    };
    push(1, 1, false); // last block
    push(1, 2, false); // fixed codes
    push(0x30, 8, true); // literal 0
    for _ in 0..8_000 {
        push(0b1100_0101, 8, true); // length 258
        push(0, 5, true); // distance 1
    }
    push(0, 7, true); // end
    let mut body = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    body.extend(
        bits.chunks(8).map(|byte| byte.iter().rev().fold(0u8, |value, bit| value << 1 | u8::from(*bit))),
    );
    body.extend([0; 8]);
    body
}

#[tokio::test]
async fn the_cap_holds_after_unpacking() {
    let bomb = gzip_bomb();
    assert!(bomb.len() < 20_000);
    for streamed in [false, true] {
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len())
                .into_bytes();
        answer.extend_from_slice(&bomb);
        let (address, _) = server(answer).await;
        let transport = transport(&address);
        if streamed {
            let stream = transport.stream(request(&address, 5000, 1 << 20)).await.unwrap();
            let whole: Result<Vec<Bytes>, _> = stream.body.try_collect().await;
            assert_eq!(whole.map_err(|error| error.kind).map(|_| ()), Err(ErrorKind::Unreachable));
        } else {
            let outcome = transport.send(request(&address, 5000, 1 << 20)).await.map(|_| ());
            assert_eq!(outcome, Err(WireError::Broken("the answer is larger than 1 MiB".to_owned())));
        }
    }
}

#[tokio::test]
async fn a_promised_giant_is_not_read() {
    let (address, _) = server(b"HTTP/1.1 200 OK\r\nContent-Length: 4294967296\r\n\r\n".to_vec()).await;
    let outcome = transport(&address).send(request(&address, 5000, 1 << 20)).await.map(|_| ());
    assert!(matches!(outcome, Err(WireError::Broken(_))));
}

#[tokio::test]
async fn a_certificate_file_must_hold_one() {
    let base = BaseAddress::origin_of("https://acme.example").unwrap();
    let missing = ReqwestTransport::new(&base, Some(Path::new("/nowhere/ca.pem"))).map(|_| ());
    assert_eq!(missing.map_err(|error| error.kind), Err(ErrorKind::Stopped));
}
