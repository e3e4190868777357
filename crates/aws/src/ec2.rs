//! EC2 without its SDK crate: the few reads are sent by hand in EC2's query protocol, since that crate alone
//! takes longer to compile than all the others.

use super::failure::AttemptFailure;
use super::paging::collect_pages;
use super::service_endpoint::ServiceNames;
use super::sigv4_client::{Message, SigV4Client, SigningContext};
use super::xml::Node;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use form_urlencoded::Serializer;
use partybox_core::domain::CallError;

/// The API version that every request names.
const VERSION: &str = "2016-11-15";
/// Pages of one answer at most; more is an error.
const MOST_PAGES: usize = 50;

/// A client for EC2's query protocol.
#[derive(Debug)]
pub(super) struct Ec2(SigV4Client);

impl Ec2 {
    /// A client that has sent nothing yet.
    pub(super) fn new(context: &SigningContext) -> Self {
        Self(SigV4Client::new(ServiceNames { id: "EC2", signing: "ec2", host: "ec2" }, context))
    }

    /// Calls an action and follows `nextToken`. Returns the pages' root elements.
    pub(super) async fn pages(
        &self,
        action: &'static str,
        parameters: &[(&str, &str)],
    ) -> Result<Vec<Node>, CallError> {
        collect_pages(&format!("ec2:{action}"), MOST_PAGES, |token| async move {
            let page = self.call(action, parameters, token.as_deref()).await?;
            let next = page.at(&["nextToken"]).map(str::to_owned);
            Ok((page, next))
        })
        .await
    }

    async fn call(
        &self,
        action: &'static str,
        parameters: &[(&str, &str)],
        token: Option<&str>,
    ) -> Result<Node, CallError> {
        // In a block of its own: the form cannot go from one thread to another while the answer is awaited.
        let body = {
            let mut form = Serializer::new(String::new());
            form.append_pair("Action", action).append_pair("Version", VERSION);
            form.extend_pairs(parameters);
            if let Some(token) = token {
                form.append_pair("NextToken", token);
            }
            form.finish()
        };
        let action = format!("ec2:{action}");
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        self.0.read(&Message { action: &action, headers: &headers, body: &body }, parse_answer).await
    }
}

/// The root element of an answer, or the error in it: `<Response><Errors><Error><Code/><Message/>`.
fn parse_answer(action: &str, response: &HttpResponse, body: &str) -> Result<Node, AttemptFailure> {
    let root = Node::parse(body);
    if response.status().is_success() {
        let root = root.filter(|root| root.name.ends_with("Response"));
        return root.ok_or_else(|| AttemptFailure::not_understood(action, response));
    }
    let error = root.as_ref().and_then(Node::error);
    let code = error.and_then(|error| error.at(&["Code"]));
    // The message of a denial is encoded text that no one can read.
    let message = error.and_then(|error| error.at(&["Message"])).unwrap_or_default();
    let message = message.split(" Encoded authorization").next().unwrap_or_default();
    Err(AttemptFailure::of_answer(action, code, message, response))
}
