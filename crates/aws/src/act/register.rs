//! A copy of a task definition with one image changed.
//!
//! The copy is made from the answer's own JSON: the SDK's types would lose every setting that is newer than
//! they are. It holds the values of environment variables, which pass through here and are neither kept nor
//! shown.

use super::super::Aws;
use super::super::error::IntoCallError;
use super::ecs_once;
use super::mutation_result::{mark_unclear, take_mutation_answer};
use aws_sdk_ecs::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_ecs::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ecs::error::BoxError;
use aws_sdk_ecs::types::TaskDefinitionField;
use aws_smithy_types::body::SdkBody;
use partybox_core::domain::{CallError, ErrorKind};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Fields that an answer has and a registration must not have: ECS sets them.
const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
];

const REGISTER: &str = "ecs:RegisterTaskDefinition";

/// `DescribeTaskDefinition` with its tags: the whole answer.
pub(super) async fn definition_as_it_is(aws: &Aws, arn: &str) -> Result<Value, CallError> {
    let action = "ecs:DescribeTaskDefinition";
    let latest = Overheard::default();
    let call = aws.ecs().describe_task_definition().task_definition(arn).include(TaskDefinitionField::Tags);
    call.customize().interceptor(latest.clone()).send().await.for_action(action)?;
    let body = latest.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    body.and_then(|body| serde_json::from_slice(&body).ok()).ok_or_else(|| CallError {
        kind: ErrorKind::Unsupported,
        action: action.to_owned(),
        code: None,
        message: format!("The endpoint's answer to {action} could not be understood."),
    })
}

/// The input of `RegisterTaskDefinition`, made from an answer to `DescribeTaskDefinition`, or why it cannot
/// be made.
pub(super) fn copy_with_image(
    mut answer: Value,
    container: &str,
    image: &str,
) -> Result<Map<String, Value>, String> {
    let tags = answer["tags"].take();
    let Value::Object(mut copy) = answer["taskDefinition"].take() else {
        return Err("could not be read".to_owned());
    };
    copy.retain(|name, value| !READ_ONLY.contains(&name.as_str()) && !value.is_null());
    let containers = copy.get_mut("containerDefinitions").and_then(Value::as_array_mut);
    let own = containers.into_iter().flatten().find(|definition| definition["name"] == container);
    let Some(Value::Object(own)) = own else {
        return Err(format!("has no container {container}"));
    };
    own.insert("image".to_owned(), image.into());
    if let Value::Array(mut tags) = tags {
        // Tags that AWS itself has set cannot be given.
        tags.retain(|tag| !tag["key"].as_str().is_some_and(|key| key.starts_with("aws:")));
        if !tags.is_empty() {
            copy.insert("tags".to_owned(), tags.into());
        }
    }
    Ok(copy)
}

/// Sends `RegisterTaskDefinition` once. Returns the new revision's ARN.
pub(super) async fn register(aws: &Aws, copy: Map<String, Value>) -> Result<String, CallError> {
    let family = copy.get("family").and_then(Value::as_str).unwrap_or_default().to_owned();
    let body = Value::Object(copy).to_string();
    let call =
        ecs_once(aws).register_task_definition().family(family).customize().mutate_request(move |request| {
            let length = body.len().to_string();
            request.headers_mut().insert("content-length", length);
            *request.body_mut() = SdkBody::from(body.as_str());
        });
    let answer = take_mutation_answer(aws, REGISTER, call.send().await);
    let named = answer.and_then(|answer| {
        let arn = answer.task_definition.and_then(|definition| definition.task_definition_arn);
        arn.ok_or_else(|| {
            let message = format!("The endpoint's answer to {REGISTER} names no revision.");
            let kind = ErrorKind::Unsupported;
            mark_unclear(CallError { kind, action: REGISTER.to_owned(), code: None, message })
        })
    });
    named.map_err(|mut error| {
        error.message = format!("{}; the service was not changed", error.message.trim_end_matches('.'));
        error
    })
}

/// An interceptor that keeps an answer's body.
#[derive(Clone, Default)]
struct Overheard(Arc<Mutex<Option<Vec<u8>>>>);

impl fmt::Debug for Overheard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Overheard")
    }
}

impl Intercept for Overheard {
    fn name(&self) -> &'static str {
        "Overheard"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().map(<[u8]>::to_vec);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body;
        Ok(())
    }
}
