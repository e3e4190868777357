//! DNS messages of RFC 1035, as far as an answer about one name needs them.
use std::net::Ipv4Addr;

/// Length of the header before the question, bytes.
const HEADER: usize = 12;
/// Greatest length of a name, bytes.
const NAME_MOST: usize = 255;
const TYPE_A: u16 = 1;
const TYPE_ANY: u16 = 255;
const CLASS_INTERNET: u16 = 1;
/// Flags of an answer, with recursion available.
const ANSWER: u16 = 0x8080;
/// Flags of the question that an answer repeats: the opcode, and whether recursion was asked for.
const REPEATED: u16 = 0x7900;
/// The opcode within the flags: 0 asks for a name.
const OPCODE: u16 = 0x7800;
/// A pointer to the name in the question.
const NAME_OF_QUESTION: u16 = 0xC00C;

/// The result of a query: RFC 1035's `RCODE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    Fine = 0,
    FormatError = 1,
    NoSuchName = 3,
    NotImplemented = 4,
}

/// The question of a query.
#[derive(Debug, PartialEq, Eq)]
struct Question {
    /// Without a dot at its end.
    name: String,
    kind: u16,
    class: u16,
    /// Where it ends in the query.
    end: usize,
}

/// Answers a query with what `lookup` says of its name: an address, and for how many seconds it may be kept.
/// `None` for what is no query at all, which is best left unanswered.
pub(crate) fn respond(query: &[u8], lookup: impl FnOnce(&str) -> Option<(Ipv4Addr, u32)>) -> Option<Vec<u8>> {
    let flags = short(query, 2)?;
    if query.len() < HEADER || flags & ANSWER & 0x8000 != 0 {
        return None;
    }
    if flags & OPCODE != 0 {
        return Some(message(query, flags, Code::NotImplemented, None, None));
    }
    let Some(question) = question(query) else {
        return Some(message(query, flags, Code::FormatError, None, None));
    };
    let found = lookup(&question.name).filter(|_| question.class == CLASS_INTERNET);
    let code = if found.is_some() { Code::Fine } else { Code::NoSuchName };
    // A name that has no address of the kind that was asked for is still a name.
    let address = found.filter(|_| matches!(question.kind, TYPE_A | TYPE_ANY));
    Some(message(query, flags, code, Some(&question), address))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

/// Parses the one question. A query with more or fewer is refused, as no client sends one.
fn question(query: &[u8]) -> Option<Question> {
    if short(query, 4)? != 1 {
        return None;
    }
    let mut at = HEADER;
    let mut labels: Vec<&str> = Vec::new();
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        // The two highest bits mark a pointer, and there is nothing yet to point at.
        if length > 63 || at - HEADER + length > NAME_MOST {
            return None;
        }
        labels.push(std::str::from_utf8(query.get(at..at + length)?).ok()?);
        at += length;
    }
    Some(Question {
        name: labels.join("."),
        kind: short(query, at)?,
        class: short(query, at + 2)?,
        end: at + 4,
    })
}

fn message(
    query: &[u8],
    flags: u16,
    code: Code,
    question: Option<&Question>,
    address: Option<(Ipv4Addr, u32)>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(query.len() + 16);
    out.extend_from_slice(&query[..2]);
    let numbers = [
        ANSWER | (flags & REPEATED) | code as u16,
        u16::from(question.is_some()),
        u16::from(address.is_some()),
        0,
        0,
    ];
    out.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
    let Some(question) = question else { return out };
    out.extend_from_slice(&query[HEADER..question.end]);
    if let Some((address, seconds)) = address {
        out.extend([NAME_OF_QUESTION, TYPE_A, CLASS_INTERNET].iter().flat_map(|number| number.to_be_bytes()));
        out.extend(seconds.to_be_bytes());
        out.extend(4_u16.to_be_bytes());
        out.extend(address.octets());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A query as `dig` sends it, without its EDNS record: id 0x1a2b, recursion desired.
    fn query(name: &str, kind: u16) -> Vec<u8> {
        let mut out = b"\x1a\x2b\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00".to_vec();
        for label in name.split('.') {
            out.push(u8::try_from(label.len()).expect("short"));
            out.extend_from_slice(label.as_bytes());
        }
        out.extend([0, 0, u8::try_from(kind).expect("small"), 0, 1]);
        out
    }

    fn known(name: &str) -> Option<(Ipv4Addr, u32)> {
        (name == "db.example.com").then_some((Ipv4Addr::new(10, 0, 2, 210), 5))
    }

    #[test]
    fn an_address_is_answered_byte_for_byte() {
        let query = query("db.example.com", TYPE_A);
        let answer = respond(&query, known).expect("an answer");
        let mut expected = b"\x1a\x2b\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00".to_vec();
        expected.extend_from_slice(&query[HEADER..]);
        expected.extend_from_slice(b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04\x0a\x00\x02\xd2");
        assert_eq!(answer, expected);
        // What follows the question, EDNS's own record for one, is not repeated.
        let mut longer = query;
        longer[11] = 1;
        longer.extend_from_slice(b"\x00\x00\x29\x10\x00\x00\x00\x00\x00\x00\x00");
        assert_eq!(respond(&longer, known), Some(expected));
    }

    #[test]
    fn other_kinds_have_no_answer_and_other_names_do_not_exist() {
        let code = |name, kind| {
            let answer = respond(&query(name, kind), known).expect("an answer");
            (answer[3] & 0x0f, answer[7])
        };
        assert_eq!(code("db.example.com", 28), (0, 0), "no IPv6, but the name exists");
        assert_eq!(code("db.example.com", TYPE_ANY), (0, 1));
        assert_eq!(code("nobody.example.com", TYPE_A), (3, 0));
    }

    #[test]
    fn what_is_no_question_is_refused_or_left_alone() {
        let good = query("db.example.com", TYPE_A);
        let code = |query: &[u8]| respond(query, known).map(|answer| answer[3] & 0x0f);
        assert_eq!(code(&good), Some(0));
        for length in HEADER..good.len() {
            assert_eq!(code(&good[..length]), Some(1), "{length} bytes");
        }
        for length in 0..HEADER {
            assert_eq!(code(&good[..length]), None, "{length} bytes");
        }
        let with = |at: usize, byte: u8| {
            let mut query = good.clone();
            query[at] = byte;
            code(&query)
        };
        assert_eq!(with(HEADER, 0xC0), Some(1), "a pointer");
        assert_eq!(with(5, 2), Some(1), "two questions");
        assert_eq!(with(2, 0x28), Some(4), "an update");
        assert_eq!(with(2, 0x81), None, "an answer");
    }
}
