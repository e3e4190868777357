//! STS: the caller's identity. All credentials are the same caller.
use crate::protocol::error::ApiError;
use crate::protocol::node::{Node, map};
use crate::world::World;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(operation: &str, world: &World) -> Option<Result<Node, ApiError>> {
    let account = &world.account;
    (operation == "GetCallerIdentity").then(|| {
        Ok(map! {
            "Arn": &account.caller_arn,
            "UserId": &account.caller_user_id,
            "Account": &account.id,
        })
    })
}
