//! Pages and the opaque tokens between them.
use aws_smithy_types::base64;

/// The error for a token that this operation did not give out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadToken;

/// One page of `items` and the token of the next, if there is one.
///
/// A token remembers the last item served, so that a list that changes between two pages neither
/// repeats nor skips the items that stayed. `scope` names the operation and whatever else the token
/// is bound to.
pub(crate) fn page<T>(
    items: Vec<T>,
    size: usize,
    token: Option<&str>,
    scope: &str,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), BadToken> {
    let start = match token {
        None => 0,
        Some(token) => {
            let (offset, last) = decode(token, scope).ok_or(BadToken)?;
            items.iter().position(|item| key(item) == last).map_or(offset, |at| at + 1)
        }
    };
    let total = items.len();
    let end = start.saturating_add(size).min(total);
    let page: Vec<T> = items.into_iter().take(end).skip(start).collect();
    let next = page.last().filter(|_| end < total).map(|last| encode(end, &key(last), scope));
    Ok((page, next))
}

fn encode(offset: usize, last: &str, scope: &str) -> String {
    let text = format!("{offset}\n{last}");
    let check = checksum(&text, scope);
    base64::encode(format!("{check:016x}{text}"))
}

fn decode(token: &str, scope: &str) -> Option<(usize, String)> {
    let text = String::from_utf8(base64::decode(token).ok()?).ok()?;
    let (check, text) = text.split_at_checked(16)?;
    if u64::from_str_radix(check, 16).ok()? != checksum(text, scope) {
        return None;
    }
    let (offset, last) = text.split_once('\n')?;
    Some((offset.parse().ok()?, last.to_owned()))
}

/// FNV-1a: enough to tell a token of another operation, or a made-up one, from one of ours.
pub(crate) fn checksum(text: &str, scope: &str) -> u64 {
    scope
        .bytes()
        .chain([0])
        .chain(text.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(items: &[u32], size: usize) -> Vec<Vec<u32>> {
        let mut pages = Vec::new();
        let mut token = None;
        loop {
            let (page, next) =
                page(items.to_vec(), size, token.as_deref(), "op", u32::to_string).expect("valid");
            pages.push(page);
            match next {
                Some(next) => token = Some(next),
                None => return pages,
            }
        }
    }

    #[test]
    fn pages_cover_everything_once() {
        for (count, size, pages) in [(0, 10, 1), (10, 10, 1), (11, 10, 2), (250, 100, 3)] {
            let items: Vec<u32> = (0..count).collect();
            let served = all(&items, size);
            assert_eq!(served.len(), pages);
            assert_eq!(served.concat(), items);
        }
    }

    #[test]
    fn a_list_that_shrinks_between_pages_skips_nothing() {
        let key = u32::to_string;
        let (_, token) = page((0..20).collect(), 10, None, "op", key).expect("valid");
        let (rest, _) = page((5..20).collect(), 10, token.as_deref(), "op", key).expect("valid");
        assert_eq!(rest, (10..20).collect::<Vec<u32>>());
    }

    #[test]
    fn foreign_tokens_are_refused() {
        let key = u32::to_string;
        let (_, token) = page((0..20).collect(), 10, None, "op", key).expect("valid");
        let token = token.expect("a second page");
        assert_eq!(page((0..20).collect(), 10, Some(&token), "other", key), Err(BadToken));
        for forged in ["", "10", "AAAA", "é", &token[1..]] {
            assert_eq!(page((0..20).collect(), 10, Some(forged), "op", key), Err(BadToken), "{forged}");
        }
    }
}
