//! The simulated account asked without the program: plain HTTP, the JSON protocol.

use super::{LOOK_AGAIN, PATIENCE, Sim};
use bytes::Bytes;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

const ECS: &str = "AmazonEC2ContainerServiceV20141113";
const SCALING: &str = "AnyScaleFrontendService";

/// The autoscaling registration of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScalingRange {
    /// Fewest tasks.
    pub min: u64,
    /// Most tasks.
    pub max: u64,
    /// Whether scaling is suspended in any way.
    pub suspended: bool,
}

impl Sim<'_> {
    /// An operation of ECS in the cluster `party-box`.
    pub fn ecs(&self, operation: &str, mut body: Value) -> Value {
        body["cluster"] = "party-box".into();
        self.ask(ECS, "ecs", operation, &body)
    }

    /// A service as `DescribeServices` gives it.
    pub fn service(&self, name: &str) -> Value {
        self.ecs("DescribeServices", json!({"services": [name]}))["services"][0].take()
    }

    /// Its newest deployment as `DescribeServiceDeployments` gives it.
    pub fn newest_deployment(&self, service: &str) -> Value {
        let mut list = self.ecs("ListServiceDeployments", json!({ "service": service }));
        let arn = list["serviceDeployments"][0]["serviceDeploymentArn"].take();
        let body = json!({"serviceDeploymentArns": [arn]});
        self.ecs("DescribeServiceDeployments", body)["serviceDeployments"][0].take()
    }

    /// Its autoscaling registration.
    pub fn range(&self, service: &str) -> ScalingRange {
        let body =
            json!({"ServiceNamespace": "ecs", "ResourceIds": [format!("service/party-box/{service}")]});
        let answer = self.ask(SCALING, "application-autoscaling", "DescribeScalableTargets", &body);
        let target = &answer["ScalableTargets"][0];
        let number = |name: &str| target[name].as_u64().unwrap_or_else(|| panic!("no {name} in {answer:#}"));
        let suspended =
            target["SuspendedState"].as_object().is_some_and(|it| it.values().any(|on| on == true));
        ScalingRange { min: number("MinCapacity"), max: number("MaxCapacity"), suspended }
    }

    /// The ids of its tasks that are wanted to run.
    pub fn tasks(&self, service: &str) -> Vec<String> {
        let list = self.ecs("ListTasks", json!({ "serviceName": service }));
        let arns = list["taskArns"].as_array().expect("ARNs").iter();
        arns.map(|arn| arn.as_str().and_then(|it| it.rsplit('/').next()).expect("an ARN").to_owned())
            .collect()
    }

    /// Asks again and again until the answer fits; gives it.
    pub fn until<T: std::fmt::Debug>(
        &self,
        what: &str,
        look: impl Fn(&Self) -> T,
        fits: impl Fn(&T) -> bool,
    ) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let seen = look(self);
            if fits(&seen) {
                return seen;
            }
            assert!(Instant::now() < end, "never came: {what}; the account says {seen:?}");
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// One call of the JSON protocol, signed, without the program's own client.
    fn ask(&self, prefix: &str, service: &str, operation: &str, body: &Value) -> Value {
        let host = self.var("AWS_ENDPOINT_URL").trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&host).expect("the simulator listens");
        let mut request = http::Request::builder()
            .method("POST")
            .uri("/")
            .header("host", &host)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("{prefix}.{operation}"))
            .body(Bytes::from(body.to_string()))
            .expect("a request");
        partybox_sim::sign(&mut request, "ap-northeast-1", service, partybox_sim::clock::wall());
        let headers: Vec<String> = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().expect("text")))
            .collect();
        let (headers, length) = (headers.concat(), request.body().len());
        write!(stream, "POST / HTTP/1.1\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n")
            .and_then(|()| stream.write_all(request.body()))
            .expect("the simulator reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the simulator answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 200"), "{operation}: {answer}");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }
}
