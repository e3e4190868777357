//! Small conversions that every service file needs.

use chrono::{DateTime, Utc};
use partybox_core::domain::{CallError, ErrorKind, Unread};
use std::future::Future;
use tokio::task::JoinSet;

/// A time as AWS sent it; `None` when it is outside the calendar's range.
pub(super) fn to_chrono(at: aws_smithy_types::DateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.secs(), at.subsec_nanos())
}

/// A count as AWS sent it. A negative one becomes 0.
pub(super) fn count(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

/// Calls for every item, at most `at_once` at a time, and gives the answers in the items' order.
/// Dropping the future drops the calls that are under way.
pub(super) async fn call_each<T, R, F, C>(items: Vec<T>, at_once: usize, call: C) -> Vec<R>
where
    C: Fn(T) -> F,
    F: Future<Output = R> + Send + 'static,
    R: Send + 'static,
{
    let mut answers: Vec<Option<R>> = items.iter().map(|_| None).collect();
    let mut waiting = items.into_iter().enumerate();
    let mut running = JoinSet::new();
    loop {
        while running.len() < at_once {
            let Some((index, item)) = waiting.next() else { break };
            let answer = call(item);
            running.spawn(async move { (index, answer.await) });
        }
        match running.join_next().await {
            None => return answers.into_iter().flatten().collect(),
            Some(Ok((index, answer))) => answers[index] = Some(answer),
            Some(Err(error)) => {
                // Nobody cancels these tasks, so only a panic can make them fail: it is passed on.
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
}

/// Sorts the answers of calls that were made once for each of `names`, which something else names, into those
/// that tell and those that do not: an item without permission or one that is gone does not hide the rest.
/// An error when no call told whether there is the item.
pub(super) fn sort_answers<R>(
    names: &[String],
    answers: Vec<Result<R, CallError>>,
) -> Result<(Vec<R>, Vec<Unread>), CallError> {
    let mut found = Vec::with_capacity(answers.len());
    let mut unread = Vec::new();
    for (name, answer) in names.iter().zip(answers) {
        match answer {
            Ok(answer) => found.push(answer),
            Err(error) => unread.push(Unread { name: name.clone(), error }),
        }
    }
    let told = !found.is_empty() || unread.iter().any(|it| it.error.kind == ErrorKind::NotFound);
    match unread.first() {
        Some(first) if !told => Err(first.error.clone()),
        _ => Ok((found, unread)),
    }
}

/// Keeps the answers of calls that were made once for each item of a list. An item that is gone left the list in the
/// meantime, and one that may not be looked at does not hide the rest; where no other is left, that it may not be looked
/// at is the answer. Any other error, such as being throttled, is the whole reading's: a list without what was not read
/// would look complete.
pub(super) fn keep_found<R>(answers: Vec<Result<R, CallError>>) -> Result<Vec<R>, CallError> {
    let mut denied = None;
    let mut found = Vec::with_capacity(answers.len());
    for answer in answers {
        match answer {
            Ok(answer) => found.push(answer),
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) if error.kind == ErrorKind::Denied => denied = denied.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    match denied {
        Some(error) if found.is_empty() => Err(error),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn what_is_gone_or_denied_does_not_hide_the_rest() {
        let error =
            |kind| CallError { kind, action: "s:Describe".into(), code: None, message: String::new() };
        let names: Vec<String> = ["there", "gone", "denied"].map(str::to_owned).into();
        let answers = vec![Ok(1), Err(error(ErrorKind::NotFound)), Err(error(ErrorKind::Denied))];
        let (found, unread) = sort_answers(&names, answers).expect("one answered");
        assert_eq!(found, [1]);
        let told: Vec<_> = unread.iter().map(|it| (it.name.as_str(), it.error.kind)).collect();
        assert_eq!(told, [("gone", ErrorKind::NotFound), ("denied", ErrorKind::Denied)]);
        let all_gone = sort_answers::<u8>(&names[..1], vec![Err(error(ErrorKind::NotFound))]);
        assert_eq!(all_gone.expect("an answer all the same").1.len(), 1);
        let denied = sort_answers::<u8>(&names[..1], vec![Err(error(ErrorKind::Denied))]);
        assert_eq!(denied.expect_err("nothing was told").kind, ErrorKind::Denied);
    }

    #[test]
    fn of_a_list_only_what_is_gone_or_forbidden_is_left_out() {
        let error =
            |kind| CallError { kind, action: "s:Describe".into(), code: None, message: String::new() };
        for kind in [ErrorKind::NotFound, ErrorKind::Denied] {
            assert_eq!(keep_found(vec![Ok(1), Err(error(kind))]), Ok(vec![1]), "{kind:?}");
        }
        for kind in [ErrorKind::Throttled, ErrorKind::Unreachable, ErrorKind::Service] {
            assert_eq!(keep_found(vec![Ok(1), Err(error(kind))]), Err(error(kind)), "{kind:?}");
        }
        let none = keep_found(vec![Err::<u8, _>(error(ErrorKind::Denied))]);
        assert_eq!(none, Err(error(ErrorKind::Denied)));
    }

    #[tokio::test]
    async fn answers_keep_the_order_and_the_limit() {
        let now = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let answers = call_each((0..20).collect(), 3, |n: usize| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                for _ in 0..(20 - n) {
                    tokio::task::yield_now().await;
                }
                now.fetch_sub(1, Ordering::SeqCst);
                n * 2
            }
        })
        .await;
        assert_eq!(answers, (0..20).map(|n| n * 2).collect::<Vec<_>>());
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }
}
