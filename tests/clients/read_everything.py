#!/usr/bin/env python3
"""Reads every resource of the simulated account's `steady` scenario with boto3 and checks what comes back.

Takes the endpoint, the Region and the credentials from the environment, as any AWS client does.
"""

import gzip
import json
import os
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

CONFIG = Config(retries={"mode": "standard", "max_attempts": 2})


def client(service):
    return boto3.client(service, config=CONFIG)


def pages(service, operation, key, **kwargs):
    found = []
    for page in service.get_paginator(operation).paginate(**kwargs):
        found += page[key]
    return found


def refused(code, call, **kwargs):
    """The call must fail with this error code; answers the HTTP status."""
    try:
        call(**kwargs)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, (code, error.response)
        assert error.response["ResponseMetadata"]["RequestId"], error.response
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"{call.__name__} must be refused with {code}")


def one(items):
    assert len(items) == 1, items
    return items[0]


def check_identity():
    identity = client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012", identity
    assert identity["Arn"].startswith("arn:aws:sts::123456789012:assumed-role/"), identity
    headers = identity["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-partybox-sim"].startswith("speed="), headers
    now = datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S GMT")
    return now.replace(tzinfo=timezone.utc)


def check_ecs():
    ecs = client("ecs")
    cluster_arn = one(pages(ecs, "list_clusters", "clusterArns"))
    answer = ecs.describe_clusters(clusters=["party-box", "missing"])
    cluster = one(answer["clusters"])
    assert (cluster["clusterArn"], cluster["status"]) == (cluster_arn, "ACTIVE"), cluster
    assert cluster["runningTasksCount"] == 4 and cluster["activeServicesCount"] == 2, cluster
    assert one(answer["failures"])["reason"] == "MISSING", answer
    service_arns = pages(ecs, "list_services", "serviceArns", cluster="party-box")
    assert len(service_arns) == 2, service_arns
    answer = ecs.describe_services(cluster="party-box", services=service_arns + ["nobody"])
    assert one(answer["failures"])["reason"] == "MISSING", answer
    assert one(answer["failures"])["arn"].endswith(":service/party-box/nobody"), answer
    services = {service["serviceName"]: service for service in answer["services"]}
    for name, revision in (("frontend", 14), ("backend", 23)):
        service = services[name]
        assert service["desiredCount"] == service["runningCount"] == 2, service
        breaker = service["deploymentConfiguration"]["deploymentCircuitBreaker"]
        assert breaker["enable"] and breaker["rollback"] and breaker["resetOnHealthyTask"], service
        deployment = one(service["deployments"])
        assert deployment["status"] == "PRIMARY", deployment
        assert deployment["rolloutState"] == "COMPLETED", deployment
        assert any("has reached a steady state." in e["message"] for e in service["events"])
        assert service["events"][0]["createdAt"] >= service["events"][-1]["createdAt"]
        assert len(service["events"]) <= 100

        arn = service["taskDefinition"]
        assert arn.endswith(f":task-definition/party-box-{name}:{revision}"), arn
        definition = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        assert (definition["cpu"], definition["memory"]) == ("256", "512"), definition
        assert definition["networkMode"] == "awsvpc", definition
        latest = ecs.describe_task_definition(taskDefinition=f"party-box-{name}")
        assert latest["taskDefinition"]["revision"] >= revision, latest
        container = one(definition["containerDefinitions"])
        assert container["portMappings"][0]["containerPort"] == 3000, container
        assert container["logConfiguration"]["logDriver"] == "awslogs", container

        task_arns = pages(ecs, "list_tasks", "taskArns", cluster="party-box", serviceName=name)
        assert len(task_arns) == 2, task_arns
        tasks = ecs.describe_tasks(cluster="party-box", tasks=task_arns)["tasks"]
        assert {task["availabilityZone"] for task in tasks} == {
            "ap-northeast-1a",
            "ap-northeast-1c",
        }, tasks
        for task in tasks:
            assert task["lastStatus"] == task["desiredStatus"] == "RUNNING", task
            assert task["startedBy"] == deployment["id"], task
            assert task["group"] == f"service:{name}", task
            assert task["containers"][0]["imageDigest"].startswith("sha256:"), task
            details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
            assert details["privateIPv4Address"].startswith("10.0."), details
            assert task["createdAt"] < task["startedAt"], task
        family = pages(
            ecs, "list_tasks", "taskArns", cluster="party-box", family=f"party-box-{name}"
        )
        assert sorted(family) == sorted(task_arns), family
        paged = pages(
            ecs,
            "list_tasks",
            "taskArns",
            cluster="party-box",
            PaginationConfig={"PageSize": 1},
        )
        assert len(set(paged)) == len(paged) == 4, paged

        briefs = ecs.list_service_deployments(cluster="party-box", service=name)
        brief = briefs["serviceDeployments"][0]
        assert brief["status"] == "SUCCESSFUL", brief
        found = ecs.describe_service_deployments(
            serviceDeploymentArns=[brief["serviceDeploymentArn"]]
        )
        full = one(found["serviceDeployments"])
        assert full["deploymentCircuitBreaker"]["threshold"] == 3, full
        revision_arn = full["targetServiceRevision"]["arn"]
        found = ecs.describe_service_revisions(serviceRevisionArns=[revision_arn])
        assert one(found["serviceRevisions"])["taskDefinition"] == arn, found

    missing = ecs.describe_tasks(cluster="party-box", tasks=["0" * 32])
    assert one(missing["failures"])["reason"] == "MISSING", missing
    assert refused("ClusterNotFoundException", ecs.list_tasks, cluster="nowhere") == 400
    refused("ServiceNotFoundException", ecs.list_tasks, cluster="party-box", serviceName="nobody")
    refused(
        "InvalidParameterException",
        ecs.describe_services,
        cluster="party-box",
        services=[f"s{n}" for n in range(11)],
    )
    refused("InvalidParameterException", ecs.list_tasks, cluster="party-box", nextToken="made up")
    refused("ClientException", ecs.describe_task_definition, taskDefinition="nothing:1")
    refused(
        "ServiceNotFoundException",
        ecs.update_service,
        cluster="party-box",
        service="nobody",
        desiredCount=1,
    )
    return services


def check_load_balancer(services):
    elb = client("elbv2")
    balancer = one(pages(elb, "describe_load_balancers", "LoadBalancers"))
    assert balancer["LoadBalancerName"] == "party-box-alb", balancer
    assert balancer["Scheme"] == "internet-facing" and len(balancer["AvailabilityZones"]) == 2
    arn = balancer["LoadBalancerArn"]
    listeners = {
        listener["Port"]: listener
        for listener in pages(elb, "describe_listeners", "Listeners", LoadBalancerArn=arn)
    }
    assert set(listeners) == {80, 443}, listeners
    redirect = listeners[80]["DefaultActions"][0]
    assert redirect["Type"] == "redirect" and redirect["RedirectConfig"]["Port"] == "443"
    https = listeners[443]
    certificate = https["Certificates"][0]["CertificateArn"]
    groups = {
        group["TargetGroupName"]: group
        for group in pages(elb, "describe_target_groups", "TargetGroups", LoadBalancerArn=arn)
    }
    assert set(groups) == {"party-box-frontend", "party-box-backend"}, groups
    rules = {
        rule["Priority"]: rule
        for rule in pages(elb, "describe_rules", "Rules", ListenerArn=https["ListenerArn"])
    }
    assert set(rules) == {"10", "20", "default"}, rules
    backend = groups["party-box-backend"]["TargetGroupArn"]
    assert rules["10"]["Conditions"][0]["Values"] == ["/api/*"], rules
    assert rules["20"]["Conditions"][0]["Values"] == ["/socket.io/*"], rules
    assert rules["10"]["Actions"][0]["TargetGroupArn"] == backend, rules
    listed = elb.describe_listener_certificates(ListenerArn=https["ListenerArn"])
    assert listed["Certificates"][0]["CertificateArn"] == certificate, listed
    for name, service in services.items():
        group = groups[f"party-box-{name}"]
        group_arn = group["TargetGroupArn"]
        assert service["loadBalancers"][0]["targetGroupArn"] == group_arn, service
        assert (group["TargetType"], group["HealthCheckPath"]) == ("ip", "/health"), group
        attributes = elb.describe_target_group_attributes(TargetGroupArn=group_arn)
        attributes = {a["Key"]: a["Value"] for a in attributes["Attributes"]}
        delay = attributes["deregistration_delay.timeout_seconds"]
        assert delay == {"backend": "60", "frontend": "30"}[name], attributes
        health = elb.describe_target_health(TargetGroupArn=group_arn)["TargetHealthDescriptions"]
        assert [target["TargetHealth"]["State"] for target in health] == ["healthy"] * 2, health
        elb.get_waiter("target_in_service").wait(TargetGroupArn=group_arn)
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    assert {"Key": "idle_timeout.timeout_seconds", "Value": "60"} in attributes, attributes
    tags = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    assert one(tags)["ResourceArn"] == arn, tags
    assert refused("LoadBalancerNotFound", elb.describe_load_balancers, Names=["nothing"]) == 400
    refused("TargetGroupNotFound", elb.describe_target_groups, Names=["nothing"])
    return balancer, groups, certificate


def check_database(now):
    rds = client("rds")
    databases = {
        database["DBInstanceIdentifier"]: database
        for database in pages(rds, "describe_db_instances", "DBInstances")
    }
    assert set(databases) == {"party-box-db", "party-box-db-replica-1"}, databases
    primary = databases["party-box-db"]
    assert primary["Engine"] == "postgres" and primary["DBInstanceStatus"] == "available"
    assert primary["MultiAZ"] and primary["StorageEncrypted"] and primary["DeletionProtection"]
    assert not primary["PubliclyAccessible"]
    zones = (primary["AvailabilityZone"], primary["SecondaryAvailabilityZone"])
    assert zones == ("ap-northeast-1a", "ap-northeast-1c"), zones
    assert primary["ReadReplicaDBInstanceIdentifiers"] == ["party-box-db-replica-1"], primary
    restorable = primary["LatestRestorableTime"]
    assert timedelta(0) <= now - restorable < timedelta(minutes=12), (now, restorable)
    replica = databases["party-box-db-replica-1"]
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == "party-box-db", replica
    events = pages(
        rds, "describe_events", "Events", Duration=14 * 24 * 60, SourceType="db-instance",
        SourceIdentifier="party-box-db",
    )  # fmt: skip
    assert any("backup" in event["EventCategories"] for event in events), events
    paged = pages(
        rds, "describe_events", "Events", Duration=14 * 24 * 60,
        PaginationConfig={"PageSize": 20},
    )  # fmt: skip
    assert len(paged) >= len(events), (len(paged), len(events))
    assert rds.describe_events(Duration=1, EventCategories=["deletion"])["Events"] == []
    assert rds.describe_db_clusters()["DBClusters"] == []
    rds.describe_pending_maintenance_actions()
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="party-box-db")
    assert refused(
        "DBInstanceNotFound", rds.describe_db_instances, DBInstanceIdentifier="nothing"
    ) == 404  # fmt: skip
    refused("InvalidParameterValue", rds.describe_db_instances, MaxRecords=5)
    refused("InvalidDBInstanceState", rds.reboot_db_instance,
            DBInstanceIdentifier="party-box-db-replica-1", ForceFailover=True)  # fmt: skip
    refused("DBClusterNotFoundFault", rds.failover_db_cluster, DBClusterIdentifier="nothing")
    return primary


def check_images():
    ecr = client("ecr")
    repositories = pages(ecr, "describe_repositories", "repositories")
    names = sorted(repository["repositoryName"] for repository in repositories)
    assert names == ["party-box/backend", "party-box/frontend"], names
    for name in names:
        images = pages(ecr, "describe_images", "imageDetails", repositoryName=name)
        assert any(image.get("imageTags") for image in images), images
        assert any(not image.get("imageTags") for image in images), images
        assert len(pages(ecr, "list_images", "imageIds", repositoryName=name)) >= len(images)
        policy = ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]
        assert json.loads(policy)["rules"], policy
    tasks = client("ecs")
    arns = tasks.list_tasks(cluster="party-box", serviceName="backend")["taskArns"]
    task = tasks.describe_tasks(cluster="party-box", tasks=arns)["tasks"][0]
    digest = task["containers"][0]["imageDigest"]
    wanted = {"repositoryName": "party-box/backend", "imageId": {"imageDigest": digest}}
    scan = ecr.describe_image_scan_findings(**wanted)
    assert scan["imageScanStatus"]["status"] == "COMPLETE", scan
    counts = scan["imageScanFindings"]["findingSeverityCounts"]
    assert counts["HIGH"] == 2 and "CRITICAL" not in counts, counts
    findings = []
    for page in ecr.get_paginator("describe_image_scan_findings").paginate(
        **wanted, PaginationConfig={"PageSize": 5}
    ):
        findings += page["imageScanFindings"]["findings"]
    assert len(findings) == sum(counts.values()), (len(findings), counts)
    image = ecr.describe_images(repositoryName="party-box/backend", imageIds=[wanted["imageId"]])
    assert one(image["imageDetails"])["imageDigest"] == digest, image
    refused("RepositoryNotFoundException", ecr.describe_images, repositoryName="nothing")
    refused("ImageNotFoundException", ecr.describe_images, repositoryName="party-box/backend",
            imageIds=[{"imageTag": "nothing"}])  # fmt: skip


def check_metrics(balancer, groups, now):
    cloudwatch = client("cloudwatch")
    load_balancer = balancer["LoadBalancerArn"].split(":loadbalancer/")[1]
    group = groups["party-box-backend"]["TargetGroupArn"].rsplit(":", 1)[1]
    wanted = [
        ("AWS/ECS", "CPUUtilization", "Average", {"ClusterName": "party-box", "ServiceName": "backend"}),
        ("AWS/ECS", "MemoryUtilization", "Maximum", {"ClusterName": "party-box", "ServiceName": "frontend"}),
        ("AWS/ApplicationELB", "RequestCount", "Sum", {"LoadBalancer": load_balancer}),
        ("AWS/ApplicationELB", "TargetResponseTime", "p99", {"LoadBalancer": load_balancer, "TargetGroup": group}),
        ("AWS/ApplicationELB", "HealthyHostCount", "Minimum", {"LoadBalancer": load_balancer, "TargetGroup": group}),
        ("AWS/RDS", "DatabaseConnections", "Average", {"DBInstanceIdentifier": "party-box-db"}),
        ("AWS/RDS", "FreeStorageSpace", "Average", {"DBInstanceIdentifier": "party-box-db"}),
        ("AWS/RDS", "ReplicaLag", "Maximum", {"DBInstanceIdentifier": "party-box-db-replica-1"}),
    ]  # fmt: skip
    queries = [
        {
            "Id": f"m{index}",
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": name,
                    "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
                },
                "Period": 60,
                "Stat": stat,
            },
        }
        for index, (namespace, name, stat, dimensions) in enumerate(wanted)
    ]
    end = now.replace(second=0)
    span = {"StartTime": end - timedelta(minutes=30), "EndTime": end}
    results = pages(
        cloudwatch, "get_metric_data", "MetricDataResults", MetricDataQueries=queries, **span
    )
    assert len(results) == len(queries), results
    for result in results:
        query = wanted[int(result["Id"][1:])]
        assert result["StatusCode"] == "Complete", result
        assert len(result["Values"]) == len(result["Timestamps"]) >= 25, (query, result)
        assert result["Timestamps"] == sorted(result["Timestamps"], reverse=True), query
        assert all(isinstance(stamp, datetime) for stamp in result["Timestamps"]), query
    cpu = results[0]["Values"]
    assert all(0 < value < 100 for value in cpu), cpu
    points = cloudwatch.get_metric_statistics(
        Namespace="AWS/ECS",
        MetricName="CPUUtilization",
        Dimensions=queries[0]["MetricStat"]["Metric"]["Dimensions"],
        Period=300,
        Statistics=["Average", "Maximum"],
        **span,
    )["Datapoints"]
    assert points and all(point["Average"] <= point["Maximum"] for point in points), points
    listed = pages(cloudwatch, "list_metrics", "Metrics", Namespace="AWS/ApplicationELB")
    assert any(metric["MetricName"] == "RequestCount" for metric in listed), listed
    alarms = {
        alarm["AlarmName"]: alarm
        for alarm in pages(cloudwatch, "describe_alarms", "MetricAlarms")
    }
    assert {"party-box-backend-cpu-high", "party-box-alb-5xx"} <= set(alarms), alarms
    alarm = alarms["party-box-backend-cpu-high"]
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (70.0, 3), alarm
    refused("InvalidNextToken", cloudwatch.describe_alarms, NextToken="made up")


def check_network(primary):
    ec2 = client("ec2")
    vpc = one(pages(ec2, "describe_vpcs", "Vpcs"))
    assert vpc["CidrBlock"] == "10.0.0.0/16", vpc
    mine = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    subnets = pages(ec2, "describe_subnets", "Subnets", Filters=mine)
    blocks = sorted(subnet["CidrBlock"] for subnet in subnets)
    assert blocks == [f"10.0.{n}.0/24" for n in (1, 2, 3, 4)], blocks
    assert all(200 < subnet["AvailableIpAddressCount"] <= 251 for subnet in subnets), subnets
    two = ec2.describe_subnets(SubnetIds=[subnet["SubnetId"] for subnet in subnets[:2]])
    assert len(two["Subnets"]) == 2, two
    tables = pages(ec2, "describe_route_tables", "RouteTables", Filters=mine)
    routes = [route for table in tables for route in table["Routes"]]
    assert any(route.get("GatewayId", "").startswith("igw-") for route in routes), routes
    assert any(route.get("NatGatewayId", "").startswith("nat-") for route in routes), routes
    assert any(link["Main"] for table in tables for link in table["Associations"]), tables
    gateway = one(pages(ec2, "describe_nat_gateways", "NatGateways", Filter=mine))
    assert gateway["State"] == "available" and gateway["NatGatewayAddresses"][0]["PublicIp"]
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}]
    one(pages(ec2, "describe_internet_gateways", "InternetGateways", Filters=attached))
    groups = {
        group["GroupName"]: group
        for group in pages(ec2, "describe_security_groups", "SecurityGroups", Filters=mine)
    }
    assert {"party-box-alb", "party-box-ecs", "party-box-rds"} <= set(groups), groups
    entry = one(groups["party-box-rds"]["IpPermissions"])
    assert (entry["FromPort"], entry["ToPort"], entry["IpProtocol"]) == (5432, 5432, "tcp"), entry
    source = one(entry["UserIdGroupPairs"])["GroupId"]
    assert source == groups["party-box-ecs"]["GroupId"] and not entry["IpRanges"], entry
    of_database = primary["VpcSecurityGroups"][0]["VpcSecurityGroupId"]
    assert of_database == groups["party-box-rds"]["GroupId"], primary
    paged = pages(
        ec2, "describe_subnets", "Subnets", PaginationConfig={"PageSize": 5}, Filters=mine
    )
    assert len(paged) == 4, paged
    refused("InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=["vpc-00000000000000000"])
    refused("InvalidAction", ec2.describe_instances)


def check_the_rest(balancer, certificate):
    scaling = client("application-autoscaling")
    targets = pages(
        scaling, "describe_scalable_targets", "ScalableTargets", ServiceNamespace="ecs"
    )
    limits = {t["ResourceId"]: (t["MinCapacity"], t["MaxCapacity"]) for t in targets}
    assert limits == {
        "service/party-box/frontend": (2, 6),
        "service/party-box/backend": (2, 10),
    }, limits
    policies = pages(
        scaling, "describe_scaling_policies", "ScalingPolicies", ServiceNamespace="ecs",
        ResourceId="service/party-box/backend",
    )  # fmt: skip
    tracking = one(policies)["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == 70.0, tracking
    assert (tracking["ScaleOutCooldown"], tracking["ScaleInCooldown"]) == (60, 300), tracking
    pages(scaling, "describe_scaling_activities", "ScalingActivities", ServiceNamespace="ecs")
    refused("ValidationException", scaling.describe_scalable_targets, ServiceNamespace="nothing")

    acm = client("acm")
    detail = acm.describe_certificate(CertificateArn=certificate)["Certificate"]
    assert (detail["Status"], detail["Type"]) == ("ISSUED", "AMAZON_ISSUED"), detail
    assert detail["InUseBy"] == [balancer["LoadBalancerArn"]], detail
    assert one(pages(acm, "list_certificates", "CertificateSummaryList"))["DomainName"]
    refused("ResourceNotFoundException", acm.describe_certificate, CertificateArn=certificate + "0")

    secrets = client("secretsmanager")
    secret = secrets.describe_secret(SecretId="party-box/database")
    assert secret["RotationEnabled"] and secret["RotationRules"]["AutomaticallyAfterDays"] == 30
    assert secret["LastRotatedDate"] < secret["NextRotationDate"], secret
    assert ["AWSCURRENT"] in secret["VersionIdsToStages"].values(), secret
    assert one(pages(secrets, "list_secrets", "SecretList"))["Name"] == "party-box/database"
    refused("AccessDeniedException", secrets.get_secret_value, SecretId="party-box/database")
    refused("ResourceNotFoundException", secrets.describe_secret, SecretId="nothing")

    logs = client("logs")
    names = sorted(g["logGroupName"] for g in pages(logs, "describe_log_groups", "logGroups"))
    assert names == ["/ecs/party-box-backend", "/ecs/party-box-frontend"], names
    streams = pages(logs, "describe_log_streams", "logStreams", logGroupName=names[0])
    stream = next(s for s in streams if s["logStreamName"].startswith("ecs/backend/"))
    lines = logs.get_log_events(logGroupName=names[0], logStreamName=stream["logStreamName"])
    assert lines["nextForwardToken"], lines
    found = pages(logs, "filter_log_events", "events", logGroupName=names[0])
    assert found and all(line["message"] for line in found), found
    refused("ResourceNotFoundException", logs.filter_log_events, logGroupName="nothing")


def fetch(path, **kwargs):
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    try:
        with urllib.request.urlopen(urllib.request.Request(endpoint + path, **kwargs)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def signed_fetch(service, data, headers, secret=None, sent=None):
    """Signed by hand; `sent` goes in the place of the body that was signed."""
    session = boto3.Session()
    own = session.get_credentials()
    keys = Credentials(own.access_key, secret or own.secret_key)
    request = AWSRequest("POST", os.environ["AWS_ENDPOINT_URL"] + "/", headers=headers, data=data)
    SigV4Auth(keys, service, session.region_name).add_auth(request)
    return fetch("/", data=sent or data, headers=dict(request.headers.items()))


def check_bare_http():
    """The data plane, and what a client without an SDK gets."""
    assert fetch("/")[0] == 200
    assert fetch("/health")[0] == 200
    status, body = fetch("/api/health")
    assert status == 200 and json.loads(body)["db"] == "up", (status, body)
    target = {"X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters"}
    status, body = fetch("/", data=b"{}", headers=target)
    assert status >= 400 and b"MissingAuthenticationToken" in body, (status, body)
    js = {"Content-Type": "application/x-amz-json-1.1"}
    status, body = signed_fetch("ecs", b"{}", js | target)
    assert status == 200 and b"clusterArns" in body, (status, body)
    for change in ({"secret": "another"}, {"sent": b"{ }"}):
        status, body = signed_fetch("ecs", b"{}", js | target, **change)
        assert status == 400 and b"InvalidSignatureException" in body, (change, status, body)
    status, body = signed_fetch("rds", b"{}", js | target)
    assert status == 400 and b"InvalidSignatureException" in body, (status, body)
    packed = js | target | {"Content-Encoding": "gzip"}
    assert signed_fetch("ecs", gzip.compress(b"{}"), packed)[0] == 200
    for broken in (b"{", b"[]", b'{"maxResults": "x"}', b"\xff"):
        status, body = signed_fetch("ecs", broken, js | target)
        assert status == 400 and b"SerializationException" in body, (broken, status, body)
    unknown = {"X-Amz-Target": "AmazonEC2ContainerServiceV20141113.Nothing"}
    status, body = signed_fetch("ecs", b"{}", js | unknown)
    assert status == 400 and b"UnknownOperationException" in body, (status, body)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, body = signed_fetch("rds", b"Action=Nothing&Version=2014-10-31", form)
    assert status == 400 and b"<Code>InvalidAction</Code>" in body, (status, body)
    # CloudWatch in the other two protocols it still speaks.
    graphite = {"X-Amz-Target": "GraniteServiceVersion20100801.DescribeAlarms"}
    status, body = signed_fetch("monitoring", b"{}", js | graphite)
    assert status == 200 and json.loads(body)["MetricAlarms"], (status, body)
    status, body = signed_fetch("monitoring", b"Action=DescribeAlarms&Version=2010-08-01", form)
    assert status == 200 and b"<AlarmName>party-box-backend-cpu-high" in body, (status, body)
    elsewhere = boto3.client("ecs", region_name="eu-west-1", config=CONFIG)
    assert elsewhere.list_clusters()["clusterArns"] == [], "another Region is another, empty account"


def main():
    now = check_identity()
    services = check_ecs()
    balancer, groups, certificate = check_load_balancer(services)
    primary = check_database(now)
    check_images()
    check_metrics(balancer, groups, now)
    check_network(primary)
    check_the_rest(balancer, certificate)
    check_bare_http()
    print("read everything: as documented")


if __name__ == "__main__":
    main()
