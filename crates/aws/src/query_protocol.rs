//! AWS's Query protocol, a form that is answered with XML, for services without an SDK crate: a call is a
//! list of parameters, one [`QueryService::read`], and a look at the elements of its answer that are of
//! interest.

use super::failure::AttemptFailure;
use super::paging::collect_pages;
use super::service_endpoint::ServiceNames;
use super::sigv4_client::{Message, SigV4Client, SigningContext};
use super::xml::Node;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use form_urlencoded::Serializer;
use partybox_core::domain::CallError;

/// Pages of one answer at most; more is an error.
const MOST_PAGES: usize = 200;

/// A request's parameters beside `Action` and `Version`.
pub(super) type Parameters = Vec<(String, String)>;

/// One parameter.
pub(super) fn parameter(name: &str, value: &(impl ToString + ?Sized)) -> (String, String) {
    (name.to_owned(), value.to_string())
}

/// A list, as `Name.member.1`, `Name.member.2` and so on.
pub(super) fn member_parameters(list: &str, values: &[String]) -> Parameters {
    let named = values.iter().enumerate();
    named.map(|(index, value)| parameter(&format!("{list}.member.{}", index + 1), value)).collect()
}

/// A service that speaks awsQuery.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueryModel {
    pub(super) names: ServiceNames,
    /// The API version that every request names.
    pub(super) version: &'static str,
    /// The element in which an answer names the `Marker` of the next page.
    pub(super) next_marker: &'static str,
}

/// A client for a service that speaks awsQuery.
#[derive(Debug)]
pub(super) struct QueryService {
    client: SigV4Client,
    model: QueryModel,
}

impl QueryService {
    /// A client that has sent nothing yet.
    pub(super) fn new(model: QueryModel, context: &SigningContext) -> Self {
        Self { client: SigV4Client::new(model.names, context), model }
    }

    /// Asks for one answer: its result element. `action` is as IAM writes it, e.g. `rds:DescribeEvents`.
    pub(super) async fn read(
        &self,
        action: &'static str,
        parameters: &Parameters,
    ) -> Result<Node, CallError> {
        let body = self.form(action, parameters);
        self.client.read(&Message { action, headers: &HEADERS, body: &body }, parse_answer).await
    }

    /// Asks for all pages: their result elements.
    pub(super) async fn read_pages(
        &self,
        action: &'static str,
        parameters: &Parameters,
    ) -> Result<Vec<Node>, CallError> {
        collect_pages(action, MOST_PAGES, |marker| {
            let mut parameters = parameters.clone();
            parameters.extend(marker.map(|marker| parameter("Marker", &marker)));
            async move {
                let page = self.read(action, &parameters).await?;
                let next = page.text(self.model.next_marker);
                Ok((page, next))
            }
        })
        .await
    }

    /// Sends a mutation, once.
    pub(super) async fn send_once(
        &self,
        action: &'static str,
        parameters: &Parameters,
    ) -> Result<Node, AttemptFailure> {
        let body = self.form(action, parameters);
        self.client.send_once(&Message { action, headers: &HEADERS, body: &body }, parse_answer).await
    }

    fn form(&self, action: &str, parameters: &Parameters) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("Action", operation(action)).append_pair("Version", self.model.version);
        form.extend_pairs(parameters);
        form.finish()
    }
}

const HEADERS: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

fn operation(action: &str) -> &str {
    action.rsplit(':').next().unwrap_or(action)
}

/// `<XResponse><XResult>`: the latter; or the error in `<ErrorResponse><Error><Code/><Message/>`.
fn parse_answer(action: &str, response: &HttpResponse, body: &str) -> Result<Node, AttemptFailure> {
    let root = Node::parse(body);
    if response.status().is_success() {
        let operation = operation(action);
        let result =
            root.filter(|root| root.name.strip_suffix("Response") == Some(operation)).and_then(|root| {
                root.children.into_iter().find(|child| child.name.strip_suffix("Result") == Some(operation))
            });
        return result.ok_or_else(|| AttemptFailure::not_understood(action, response));
    }
    let error = root.as_ref().and_then(Node::error);
    let code = error.and_then(|error| error.at(&["Code"]));
    let message = error.and_then(|error| error.at(&["Message"])).unwrap_or_default();
    Err(AttemptFailure::of_answer(action, code, message, response))
}
