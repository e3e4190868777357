#!/usr/bin/env python3
"""Deploys, scales and runs with fabfuel's `ecs` command (ecs-deploy), and checks with boto3 what came of it.

Takes the endpoint, the Region and the credentials from the environment, as any AWS client does. The account must be of the
`steady` scenario, at a speed of 20 or more. The first argument is the path of the `ecs` program.
"""

import subprocess
import sys

import boto3

ECS = boto3.client("ecs")


def tool(*arguments, code=0):
    command = [sys.argv[1], *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == code, f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def service(name):
    return ECS.describe_services(cluster="party-box", services=[name])["services"][0]


def definition(name):
    return ECS.describe_task_definition(taskDefinition=name)["taskDefinition"]


def deploy():
    before = service("backend")["taskDefinition"]
    image = definition(before)["containerDefinitions"][0]["image"].rsplit(":", 1)[0]
    newest = boto3.client("ecr").describe_images(repositoryName="party-box/backend")["imageDetails"]
    tags = [tag for each in sorted(newest, key=lambda it: it["imagePushedAt"]) for tag in each.get("imageTags", [])]
    running = definition(before)["containerDefinitions"][0]["image"].rsplit(":", 1)[1]
    tag = next(tag for tag in reversed(tags) if tag != running)
    said = tool(
        "deploy", "party-box", "backend", "--image", "backend", f"{image}:{tag}", "--timeout", "300"
    )
    assert "Deployment successful" in said and "Successfully deregistered revision" in said, said
    after = service("backend")
    assert after["taskDefinition"] != before, after
    shown = definition(after["taskDefinition"])
    assert shown["containerDefinitions"][0]["image"] == f"{image}:{tag}", shown
    assert shown["status"] == "ACTIVE", shown
    old = definition(before)
    assert old["status"] == "INACTIVE" and old["deregisteredAt"], old
    listed = ECS.list_task_definitions(familyPrefix=old["family"])["taskDefinitionArns"]
    assert before not in listed and after["taskDefinition"] in listed, listed
    gone = ECS.list_task_definitions(familyPrefix=old["family"], status="INACTIVE")["taskDefinitionArns"]
    assert before in gone, gone


def scale():
    said = tool("scale", "party-box", "frontend", "3", "--timeout", "300")
    assert "Scaling successful" in said, said
    after = service("frontend")
    assert after["desiredCount"] == after["runningCount"] == 3, after


def run():
    network = service("backend")["networkConfiguration"]["awsvpcConfiguration"]
    family = definition(service("backend")["taskDefinition"])["family"]
    said = tool(
        "run", "party-box", family, "2",
        "--command", "backend", "npm run migrate",
        "--launchtype", "FARGATE",
        "--subnet", network["subnets"][0],
        "--securitygroup", network["securityGroups"][0],
    )  # fmt: skip
    assert "Successfully started 2 instances" in said, said
    arns = [line.split()[-1] for line in said.splitlines() if ":task/" in line]
    tasks = ECS.describe_tasks(cluster="party-box", tasks=arns)["tasks"]
    assert [task["group"] for task in tasks] == [f"family:{family}"] * 2, tasks
    ECS.get_waiter("tasks_stopped").wait(
        cluster="party-box", tasks=arns, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    tasks = ECS.describe_tasks(cluster="party-box", tasks=arns)["tasks"]
    assert {task["stopCode"] for task in tasks} == {"EssentialContainerExited"}, tasks
    assert {task["containers"][0]["exitCode"] for task in tasks} == {0}, tasks


def main():
    stories = [deploy, scale, run]
    for story in stories:
        story()
    print("ecs-deploy: deployed with deregistration, scaled and run")


if __name__ == "__main__":
    main()
