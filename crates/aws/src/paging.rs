//! Answers in pages: all of them, or an error. A part of an answer is never given as the whole.

use partybox_core::domain::{CallError, ErrorKind};

/// Asks for page after page until one names no further page, or names again the one that was just asked for.
///
/// `ask` gets the token of the page that is wanted, none for the first, and gives it with the next one's token. An
/// endpoint that names further pages after `most` of them is an error, as what it did not get to could be what is wrong.
pub(super) async fn collect_pages<T, F>(
    action: &str,
    most: usize,
    mut ask: impl FnMut(Option<String>) -> F,
) -> Result<Vec<T>, CallError>
where
    F: Future<Output = Result<(T, Option<String>), CallError>>,
{
    let mut pages = Vec::new();
    let mut token: Option<String> = None;
    while pages.len() < most {
        let (page, next) = ask(token.clone()).await?;
        pages.push(page);
        match next.filter(|next| !next.is_empty()) {
            None => return Ok(pages),
            next if next == token => return Ok(pages),
            next => token = next,
        }
    }
    Err(CallError {
        kind: ErrorKind::Service,
        action: action.to_owned(),
        code: None,
        message: format!(
            "{action} names further pages after {most} of them: the answer is not whole, so none of it is shown."
        ),
    })
}
