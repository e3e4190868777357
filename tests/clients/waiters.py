#!/usr/bin/env python3
"""Runs the AWS CLI's official waiters on a rolling deployment and on a failover, and checks the outcome.

Takes the endpoint, the Region and the credentials from the environment, as any AWS client does. The account must
be of the `steady` scenario, at a speed of 20 or more: the waiters look every 15 and 30 real seconds.
Optional first argument: the path of the `aws` program.
"""

import json
import subprocess
import sys
import time

AWS = sys.argv[1] if len(sys.argv) > 1 else "aws"
# The zones' fields are swapped minutes after a failover; at speed 20 that is seconds.
PATIENCE = 120


def aws(*arguments):
    command = [AWS, "--output", "json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return json.loads(done.stdout) if done.stdout.strip() else None


def until(what, look):
    """Looks again and again until it finds something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"{what}: not seen in {PATIENCE} s")


def backend():
    answer = aws("ecs", "describe-services", "--cluster", "party-box", "--services", "backend")
    return answer["services"][0]


def database():
    answer = aws("rds", "describe-db-instances", "--db-instance-identifier", "party-box-db")
    return answer["DBInstances"][0]


def roll():
    before = backend()["deployments"][0]["id"]
    service = aws(
        "ecs", "update-service", "--cluster", "party-box", "--service", "backend",
        "--force-new-deployment",
    )["service"]  # fmt: skip
    started = service["deployments"][0]
    assert started["id"] != before and started["status"] == "PRIMARY", service["deployments"]
    assert started["rolloutState"] == "IN_PROGRESS", started
    assert [each["id"] for each in service["deployments"]] == [started["id"], before], service

    aws("ecs", "wait", "services-stable", "--cluster", "party-box", "--services", "backend")
    after = until("the deployment's end", lambda: done(started["id"]))
    assert after["runningCount"] == after["desiredCount"] and after["pendingCount"] == 0, after
    messages = [event["message"] for event in after["events"]]
    completed = f"(service backend) (deployment {started['id']}) deployment completed."
    assert completed in messages, messages[:10]
    group = after["loadBalancers"][0]["targetGroupArn"]
    aws("elbv2", "wait", "target-in-service", "--target-group-arn", group)

    arns = aws("ecs", "list-tasks", "--cluster", "party-box", "--service-name", "backend")
    tasks = aws("ecs", "describe-tasks", "--cluster", "party-box", "--tasks", *arns["taskArns"])
    assert {task["startedBy"] for task in tasks["tasks"]} == {started["id"]}, tasks
    stopped = aws(
        "ecs", "list-tasks", "--cluster", "party-box", "--service-name", "backend",
        "--desired-status", "STOPPED",
    )["taskArns"]  # fmt: skip
    old = aws("ecs", "describe-tasks", "--cluster", "party-box", "--tasks", *stopped)["tasks"]
    assert any(task["startedBy"] == before for task in old), old
    assert all(task["stoppedReason"] and task["stopCode"] for task in old), old
    deployments = aws("ecs", "list-service-deployments", "--cluster", "party-box", "--service", "backend")
    assert deployments["serviceDeployments"][0]["status"] == "SUCCESSFUL", deployments


def done(deployment):
    service = backend()
    listed = [(each["id"], each["rolloutState"]) for each in service["deployments"]]
    return service if listed == [(deployment, "COMPLETED")] else None


def fail_over():
    before = database()
    zones = (before["AvailabilityZone"], before["SecondaryAvailabilityZone"])
    aws("rds", "reboot-db-instance", "--db-instance-identifier", "party-box-db", "--force-failover")
    # The waiter alone passes before the status has left `available`: it is a known trap.
    until("rebooting", lambda: database()["DBInstanceStatus"] == "rebooting")
    aws("rds", "wait", "db-instance-available", "--db-instance-identifier", "party-box-db")
    swapped = zones[::-1]
    until(
        "the zones' swap",
        lambda: (database()["AvailabilityZone"], database()["SecondaryAvailabilityZone"])
        == swapped,
    )
    events = aws(
        "rds", "describe-events", "--source-type", "db-instance",
        "--source-identifier", "party-box-db", "--duration", "120",
    )["Events"]  # fmt: skip
    messages = [event["Message"] for event in events if "failover" in event["EventCategories"]]
    started = messages.index("Multi-AZ instance failover started.")
    completed = messages.index("Multi-AZ instance failover completed")
    assert started < completed, messages


def main():
    roll()
    fail_over()
    print("waiters: a rolling deployment and a failover, as documented")


if __name__ == "__main__":
    main()
