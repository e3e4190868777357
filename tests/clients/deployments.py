#!/usr/bin/env python3
"""Plays every scenario with boto3, follows its deployment to the end, and checks what the API says of it.

Argument: the path of the `partybox-top` program. Each scenario gets a simulated account of its own, on a free
loopback port. boto3 parses every answer with the services' own models; members that those do not know are errors.
"""

import json
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

PROGRAM = sys.argv[1]
SPEED = 120
# Real seconds; the longest story takes about 25 virtual minutes.
PATIENCE = 60
OVER = {"SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"}
BREAKER = "Service deployment rolled back because the circuit breaker threshold was exceeded."
CLUSTER = "party-box"
# Deployments of the weeks before.
PAST = 10


class Account:
    """Clients of one simulated account."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.ecs = self.client("ecs")

    def client(self, name):
        made = boto3.client(
            name,
            endpoint_url=self.endpoint,
            region_name="ap-northeast-1",
            aws_access_key_id="simulated",
            aws_secret_access_key="simulated",
            config=Config(retries={"mode": "standard", "max_attempts": 1}),
        )
        service = made.meta.service_model.service_id.hyphenize()
        made.meta.events.register(f"before-parse.{service}", known_members)
        return made

    def deployments(self, **filters):
        found, token = [], {}
        while True:
            page = self.ecs.list_service_deployments(
                cluster=CLUSTER, service="backend", maxResults=4, **filters, **token
            )
            found += page["serviceDeployments"]
            if "nextToken" not in page:
                return found
            token = {"nextToken": page["nextToken"]}

    def describe(self, arn):
        answer = self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])
        assert not answer["failures"], answer
        return answer["serviceDeployments"][0]

    def service(self):
        return self.ecs.describe_services(cluster=CLUSTER, services=["backend"])["services"][0]

    def messages(self):
        return [event["message"] for event in self.service()["events"]]

    def first_deployment(self):
        """The first deployment that the scenario's script begins."""
        return until("a deployment", lambda: self.deployments()[:-PAST])[-1]["serviceDeploymentArn"]

    def ended(self, arn):
        """Follows a deployment; its statuses in order, and what it was at the end."""
        seen = []

        def look():
            it = self.describe(arn)
            if not seen or seen[-1] != it["status"]:
                seen.append(it["status"])
            return it if it["status"] in OVER else None

        return seen, until("the end", look)

    def stopped_tasks(self):
        arns = self.ecs.list_tasks(cluster=CLUSTER, serviceName="backend", desiredStatus="STOPPED")
        return self.ecs.describe_tasks(cluster=CLUSTER, tasks=arns["taskArns"])["tasks"]


def known_members(operation_model, response_dict, **_):
    """botocore drops what its model does not know; here that is an error."""
    kind = response_dict["headers"].get("content-type", "")
    if response_dict["status_code"] == 200 and kind.startswith("application/x-amz-json"):
        compare(json.loads(response_dict["body"]), operation_model.output_shape, operation_model.name)


def compare(value, shape, path):
    if shape.type_name == "structure":
        for key, inner in value.items():
            assert key in shape.members, f"{path}.{key} is not in the model"
            compare(inner, shape.members[key], f"{path}.{key}")
    elif shape.type_name == "list":
        for inner in value:
            compare(inner, shape.member, f"{path}[]")
    elif shape.type_name == "string" and shape.enum:
        assert value in shape.enum, f"{path}: {value} is none of {shape.enum}"


def until(what, look):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what}: not seen in {PATIENCE} s")


@contextmanager
def account(scenario, seed=1, speed=SPEED):
    command = [PROGRAM, "sim", "--listen", "127.0.0.1:0", "--scenario", scenario]
    command += ["--speed", str(speed), "--seed", str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = None
        for line in process.stdout:
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
            if address:
                break
        assert address, f"{scenario}: no address was printed"
        yield Account(address.group())
    finally:
        process.terminate()
        process.wait(timeout=10)


def refused(code, call, **kwargs):
    try:
        call(**kwargs)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, (code, error.response)
        return error.response["Error"]["Message"]
    raise AssertionError(f"must be refused with {code}")


def rolled_back(it):
    assert it["status"] == "ROLLBACK_SUCCESSFUL", it
    assert it["statusReason"] == BREAKER == it["rollback"]["reason"], it
    assert it["deploymentCircuitBreaker"]["status"] == "TRIGGERED", it
    assert it["deploymentCircuitBreaker"]["failureCount"] >= it["deploymentCircuitBreaker"]["threshold"], it
    assert it["rollback"]["serviceRevisionArn"] == it["sourceServiceRevisions"][0]["arn"], it
    assert it["createdAt"] <= it["startedAt"] < it["rollback"]["startedAt"] < it["finishedAt"], it


def bad_image():
    with account("bad-image") as it:
        _, end = it.ended(it.first_deployment())
        rolled_back(end)
        failed = [task for task in it.stopped_tasks() if task["stopCode"] == "TaskFailedToStart"]
        assert len(failed) >= 3, failed
        for task in failed:
            reason = task["containers"][0]["reason"]
            assert reason.startswith("CannotPullContainerError: "), reason
            assert "exitCode" not in task["containers"][0], task
        assert any("was unable to place a task. Reason: Cannot" in each for each in it.messages())


def crash_loop():
    with account("crash-loop") as it:
        _, end = it.ended(it.first_deployment())
        rolled_back(end)
        failed = [task for task in it.stopped_tasks() if task["stopCode"] == "EssentialContainerExited"]
        assert len(failed) >= 3, failed
        logs = it.client("logs")
        for task in failed:
            assert task["stoppedReason"] == "Essential container in task exited", task
            assert task["containers"][0]["exitCode"] == 1, task
            stream = f"ecs/backend/{task['taskArn'].rsplit('/', 1)[1]}"
            events = logs.get_log_events(logGroupName="/ecs/party-box-backend", logStreamName=stream)["events"]
            assert any("PrismaClientInitializationError" in each["message"] for each in events), events


def slow_drain():
    with account("slow-drain") as it:
        arn = it.first_deployment()
        group = it.service()["loadBalancers"][0]["targetGroupArn"]
        elb = it.client("elbv2")
        attributes = elb.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
        assert {"Key": "deregistration_delay.timeout_seconds", "Value": "300"} in attributes, attributes

        def draining():
            targets = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
            return [each for each in targets if each["TargetHealth"]["State"] == "draining"]

        until("draining targets", draining)
        _, end = it.ended(arn)
        assert end["status"] == "SUCCESSFUL", end
        assert timedelta(seconds=330) < end["finishedAt"] - end["startedAt"] < timedelta(seconds=420), end


def paused(it, arn):
    def look():
        hooks = it.describe(arn)["lifecycleHookDetails"]
        return [hook for hook in hooks if hook["status"] == "AWAITING_ACTION"]

    return until("the pause", look)[0]


def blue_green():
    with account("blue-green") as it:
        arn = it.first_deployment()
        hook = paused(it, arn)
        assert hook["targetType"] == "PAUSE" and hook["timeoutAction"] == "ROLLBACK", hook
        now = it.describe(arn)
        assert now["lifecycleStage"] == "POST_TEST_TRAFFIC_SHIFT", now
        assert now["deploymentConfiguration"]["strategy"] == "BLUE_GREEN", now
        weights = [
            (each["requestedTestTrafficWeight"], each["requestedProductionTrafficWeight"])
            for each in [now["targetServiceRevision"], *now["sourceServiceRevisions"]]
        ]
        assert weights == [(100.0, 0.0), (0.0, 100.0)], weights
        advanced = it.service()["loadBalancers"][0]["advancedConfiguration"]
        elb = it.client("elbv2")
        for member in ("productionListenerRule", "testListenerRule"):
            rule = elb.describe_rules(RuleArns=[advanced[member]])["Rules"][0]
            assert len(rule["Actions"][0]["ForwardConfig"]["TargetGroups"]) == 2, rule
        refused(
            "InvalidParameterException", it.ecs.continue_service_deployment,
            serviceDeploymentArn=arn, hookId="ecs-pause-none",
        )  # fmt: skip
        refused(
            "ServiceDeploymentNotFoundException", it.ecs.continue_service_deployment,
            serviceDeploymentArn=f"{arn}x", hookId=hook["hookId"],
        )  # fmt: skip
        it.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook["hookId"], action="CONTINUE")
        seen, end = it.ended(arn)
        assert seen == ["IN_PROGRESS", "SUCCESSFUL"], seen
        assert end["lifecycleHookDetails"][0]["status"] == "SUCCEEDED", end
        assert end["alarms"] == {"status": "MONITORING_COMPLETE", "alarmNames": ["party-box-alb-5xx"]}, end
        revision = it.ecs.describe_service_revisions(
            serviceRevisionArns=[end["targetServiceRevision"]["arn"]]
        )["serviceRevisions"][0]
        resolved = revision["resolvedConfiguration"]["loadBalancers"][0]
        assert resolved["targetGroupArn"] == advanced["alternateTargetGroupArn"], revision
    with account("blue-green", seed=2) as it:
        arn = it.first_deployment()
        hook = paused(it, arn)
        it.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook["hookId"], action="ROLLBACK")
        _, end = it.ended(arn)
        assert end["status"] == "ROLLBACK_SUCCESSFUL", end
        assert end["lifecycleHookDetails"][0]["status"] == "FAILED", end
    with account("blue-green", seed=3, speed=600) as it:
        _, end = it.ended(it.first_deployment())
        assert end["status"] == "ROLLBACK_SUCCESSFUL", end
        assert end["lifecycleHookDetails"][0]["status"] == "TIMED_OUT", end


def superseded():
    with account("superseded") as it:
        first = it.first_deployment()
        _, end = it.ended(first)
        assert end["status"] == "STOPPED" and "rollback" not in end, end
        assert end["stoppedAt"] == end["finishedAt"], end
        second = it.service()["currentServiceDeployment"]
        assert second != first
        assert it.ended(second)[1]["status"] == "SUCCESSFUL"


def autoscale():
    with account("autoscale") as it:
        until("a scale-out", lambda: it.service()["desiredCount"] >= 4)
        until("a scale by hand", lambda: it.service()["desiredCount"] == 2)
        until("its undoing", lambda: it.service()["desiredCount"] >= 4)
        scaling = it.client("application-autoscaling")
        target = {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{CLUSTER}/backend",
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        done = scaling.describe_scaling_activities(
            ServiceNamespace="ecs", ResourceId=target["ResourceId"]
        )["ScalingActivities"]
        assert len(done) >= 2, done
        arn = scaling.register_scalable_target(
            **target, MaxCapacity=12, SuspendedState={"DynamicScalingInSuspended": True}
        )["ScalableTargetARN"]
        now = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[target["ResourceId"]])
        now = now["ScalableTargets"][0]
        assert (now["ScalableTargetARN"], now["MinCapacity"], now["MaxCapacity"]) == (arn, 2, 12), now
        assert now["SuspendedState"] == {
            "DynamicScalingInSuspended": True,
            "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False,
        }, now
        call = scaling.register_scalable_target
        refused("ValidationException", call, **target, MinCapacity=13)
        refused("ValidationException", call, **target, MinCapacity=-1)
        nobody = {**target, "ResourceId": f"service/{CLUSTER}/nobody"}
        refused("ValidationException", call, **nobody, MinCapacity=1, MaxCapacity=2)


def no_capacity():
    ends = set()
    for seed in range(1, 9):
        with account("no-capacity", seed=seed) as it:
            _, end = it.ended(it.first_deployment())
            ends.add(end["status"])
            text = "was unable to place a task. Reason: Capacity is unavailable at this time."
            assert any(text in each for each in it.messages())
            if end["status"] != "SUCCESSFUL":
                rolled_back(end)
        if len(ends) == 2:
            break
    assert ends == {"SUCCESSFUL", "ROLLBACK_SUCCESSFUL"}, ends


def bad_deploy():
    with account("bad-deploy") as it:
        rolled_back(it.ended(it.first_deployment())[1])


def operator():
    """What an operator does in the quiet account: filters, limits, a new revision, stopping."""
    with account("steady", speed=20) as it:
        past = it.deployments()
        assert len(past) == PAST, past
        done = it.deployments(status=["SUCCESSFUL"])
        back = it.deployments(status=["ROLLBACK_SUCCESSFUL"])
        assert (len(done), len(back)) == (9, 1), past
        assert all(timedelta(0) < each["finishedAt"] - each["startedAt"] for each in past), past
        middle = past[4]["createdAt"]
        assert [each["createdAt"] for each in it.deployments(createdAt={"after": middle})] == [
            each["createdAt"] for each in past[:4]
        ]
        arns = [each["serviceDeploymentArn"] for each in past]
        many = {"serviceDeploymentArns": arns * 3}
        refused("InvalidParameterException", it.ecs.describe_service_deployments, **many)
        answer = it.ecs.describe_service_deployments(serviceDeploymentArns=[arns[0], f"{arns[0]}x"])
        assert answer["failures"][0]["reason"] == "MISSING", answer
        refused("ConflictException", it.ecs.stop_service_deployment, serviceDeploymentArn=arns[0])

        last = it.ecs.describe_task_definition(taskDefinition="party-box-backend")["taskDefinition"]
        containers = last["containerDefinitions"]
        digest = "sha256:" + "0" * 64
        containers[0]["image"] = containers[0]["image"].rsplit(":", 1)[0] + "@" + digest
        containers.append(
            {
                "name": "metrics",
                "image": "public.ecr.aws/aws-observability/collector:v1",
                "essential": False,
                "environment": [{"name": "LEVEL", "value": "info"}],
                "dependsOn": [{"containerName": "backend", "condition": "START"}],
            }
        )
        request = {
            key: last[key]
            for key in (
                "family", "taskRoleArn", "executionRoleArn", "networkMode", "cpu", "memory",
                "requiresCompatibilities", "runtimePlatform",
            )
        }  # fmt: skip
        new = it.ecs.register_task_definition(
            **request, containerDefinitions=containers, tags=[{"key": "by", "value": "me"}]
        )
        assert new["tags"] == [{"key": "by", "value": "me"}], new
        new = new["taskDefinition"]
        assert new["revision"] == last["revision"] + 1, new
        assert new["containerDefinitions"][0] == containers[0], new
        assert new["containerDefinitions"][1]["dependsOn"] == containers[1]["dependsOn"], new
        known = it.ecs.describe_task_definition(taskDefinition=new["taskDefinitionArn"])["taskDefinition"]
        assert known == new, known
        newest = it.ecs.list_task_definitions(familyPrefix="party-box-backend", sort="DESC", maxResults=1)
        assert newest["taskDefinitionArns"] == [new["taskDefinitionArn"]], newest
        other = it.ecs.register_task_definition(
            **{**request, "family": "other"}, containerDefinitions=[containers[0]]
        )["taskDefinition"]
        assert other["taskDefinitionArn"].endswith("task-definition/other:1"), other
        for wrong in ({"cpu": "300"}, {"memory": "777"}, {"family": "a b"}):
            refused(
                "ClientException", it.ecs.register_task_definition,
                **{**request, **wrong}, containerDefinitions=containers,
            )  # fmt: skip
        refused("ClientException", it.ecs.register_task_definition, **request, containerDefinitions=[])
        refused(
            "ClientException", it.ecs.register_task_definition,
            **request, containerDefinitions=[containers[0], containers[0]],
        )  # fmt: skip

        it.ecs.update_service(cluster=CLUSTER, service="backend", forceNewDeployment=True)
        arn = it.service()["currentServiceDeployment"]
        until("it to begin", lambda: it.describe(arn)["status"] == "IN_PROGRESS")
        it.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
        seen, end = it.ended(arn)
        assert set(seen) <= {"ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"}, seen
        assert end["deploymentCircuitBreaker"]["status"] == "MONITORING_COMPLETE", end

        it.ecs.update_service(cluster=CLUSTER, service="backend", forceNewDeployment=True)
        arn = it.service()["currentServiceDeployment"]
        it.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ABORT")
        seen, end = it.ended(arn)
        assert set(seen) <= {"STOP_REQUESTED", "STOPPED"} and "rollback" not in end, (seen, end)

        tasks = it.ecs.list_tasks(cluster=CLUSTER, serviceName="frontend")["taskArns"]
        stopped = it.ecs.stop_task(cluster=CLUSTER, task=tasks[0], reason="it leaks")["task"]
        assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "it leaks"), stopped
        assert stopped["desiredStatus"] == "STOPPED", stopped


def main():
    stories = [
        operator, bad_deploy, bad_image, crash_loop, slow_drain, blue_green, superseded, autoscale, no_capacity,
    ]  # fmt: skip
    for story in stories:
        began = time.monotonic()
        story()
        print(f"{story.__name__}: as documented ({time.monotonic() - began:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
