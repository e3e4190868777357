//! HTTP requests and answers with their whole bodies.
use std::io::Read as _;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::read::GzDecoder;
use http::{HeaderValue, header};

/// A request with its whole body.
pub type Request = http::Request<Bytes>;

/// An answer with its whole body.
pub type Response = http::Response<Bytes>;

/// The greatest size of a body, compressed or not.
pub(crate) const MAX_BODY: usize = 4 << 20;

/// A header's value, when it is there and is text.
pub(crate) fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// The body of a request, decompressed when it came gzip-encoded.
pub(crate) fn body(request: &Request) -> Result<Bytes, &'static str> {
    match header(request, "content-encoding") {
        Some(encoding) if encoding.eq_ignore_ascii_case("gzip") => {
            let mut plain = Vec::new();
            GzDecoder::new(&request.body()[..])
                .take(MAX_BODY as u64 + 1)
                .read_to_end(&mut plain)
                .map_err(|_| "the body is not gzip")?;
            if plain.len() > MAX_BODY {
                return Err("the body is too long");
            }
            Ok(plain.into())
        }
        _ => Ok(request.body().clone()),
    }
}

/// The same answer with a `Date` header: clients learn the account's time from it.
pub(crate) fn dated(mut response: Response, now: DateTime<Utc>) -> Response {
    if let Ok(date) = HeaderValue::from_str(&http_date(now)) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

fn http_date(now: DateTime<Utc>) -> String {
    now.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(plain: &[u8]) -> Request {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).expect("written to memory");
        http::Request::builder()
            .header("content-encoding", "gzip")
            .body(encoder.finish().expect("finished in memory").into())
            .expect("a request")
    }

    #[test]
    fn packed_bodies_are_unpacked_within_bounds() {
        assert_eq!(body(&gzip(b"hello")), Ok(Bytes::from_static(b"hello")));
        assert_eq!(body(&gzip(&vec![0; MAX_BODY + 1])), Err("the body is too long"));
        let mut broken = gzip(b"hello");
        *broken.body_mut() = Bytes::from_static(b"nonsense");
        assert_eq!(body(&broken), Err("the body is not gzip"));
    }
}
