#!/usr/bin/env python3
"""Builds a Party Box in a moto server with boto3, and prints what it built as one JSON object.

Takes the endpoint, the Region and the credentials from the environment, as any AWS client does.
"""

import base64
import hashlib
import json
import os
import urllib.request

import boto3
from botocore.config import Config

REGION = os.environ["AWS_REGION"]
CONFIG = Config(region_name=REGION, retries={"mode": "standard", "max_attempts": 2})
CLUSTER = "party-box"
DOMAIN = "partybox.example.com"
# A value that must never be shown.
ENVIRONMENT_VALUE = "postgres://app:hunter2@database.internal/partybox"
# (CIDR block, zone, whether it is public)
SUBNETS = [
    ("10.0.1.0/24", "a", True),
    ("10.0.3.0/24", "c", True),
    ("10.0.2.0/24", "a", False),
    ("10.0.4.0/24", "c", False),
]


def client(service):
    return boto3.client(service, config=CONFIG)


def named(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def network():
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=named("vpc", CLUSTER))["Vpc"]["VpcId"]
    internet = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    public, private = [], []
    for block, zone, is_public in SUBNETS:
        tier = "public" if is_public else "private"
        subnet = ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=block,
            AvailabilityZone=REGION + zone,
            TagSpecifications=named("subnet", f"{CLUSTER}-{tier}-{zone}"),
        )["Subnet"]["SubnetId"]
        (public if is_public else private).append(subnet)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    for subnets, gateway in ((public, {"GatewayId": internet}), (private, {"NatGatewayId": nat})):
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **gateway)
        for subnet in subnets:
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    groups = {}
    for name, port, source in (("alb", 443, None), ("ecs", 3000, "alb"), ("rds", 5432, "ecs")):
        group = ec2.create_security_group(
            GroupName=f"{CLUSTER}-{name}", Description=f"{CLUSTER} {name}", VpcId=vpc
        )["GroupId"]
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
        if source:
            permission["UserIdGroupPairs"] = [{"GroupId": groups[source]}]
        else:
            permission["IpRanges"] = [{"CidrIp": "0.0.0.0/0"}]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
        groups[name] = group
    return vpc, public, private, groups


def balancer(vpc, public, group):
    elb = client("elbv2")
    certificate = client("acm").request_certificate(DomainName=DOMAIN, ValidationMethod="DNS")["CertificateArn"]
    alb = elb.create_load_balancer(
        Name="party-box-alb", Subnets=public, SecurityGroups=[group], Scheme="internet-facing", Type="application"
    )["LoadBalancers"][0]
    targets = {}
    for name, addresses in (("frontend", ["10.0.2.11"]), ("backend", ["10.0.2.21", "10.0.4.22"])):
        arn = elb.create_target_group(
            Name=f"party-box-{name}",
            Protocol="HTTP",
            Port=3000,
            VpcId=vpc,
            TargetType="ip",
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=30,
            UnhealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": each, "Port": 3000} for each in addresses])
        targets[name] = arn
    https = elb.create_listener(
        LoadBalancerArn=alb["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": certificate}],
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": targets["frontend"]}],
    )["Listeners"][0]["ListenerArn"]
    elb.create_listener(
        LoadBalancerArn=alb["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[
            {
                "Type": "redirect",
                "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
            }
        ],
    )
    for priority, path in ((10, "/api/*"), (20, "/socket.io/*")):
        elb.create_rule(
            ListenerArn=https,
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": [path]}],
            Actions=[{"Type": "forward", "TargetGroupArn": targets["backend"]}],
        )
    return alb, targets


def image(name):
    ecr = client("ecr")
    repository = ecr.create_repository(
        repositoryName=f"party-box/{name}", imageScanningConfiguration={"scanOnPush": True}
    )["repository"]
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                "size": 7023,
                "digest": "sha256:" + hashlib.sha256(name.encode()).hexdigest(),
            },
            "layers": [],
        }
    )
    put = ecr.put_image(repositoryName=f"party-box/{name}", imageManifest=manifest, imageTag="1.0.0")["image"]
    ecr.put_lifecycle_policy(
        repositoryName=f"party-box/{name}",
        lifecyclePolicyText=json.dumps(
            {
                "rules": [
                    {
                        "rulePriority": 1,
                        "selection": {
                            "tagStatus": "untagged",
                            "countType": "sinceImagePushed",
                            "countUnit": "days",
                            "countNumber": 7,
                        },
                        "action": {"type": "expire"},
                    }
                ]
            }
        ),
    )
    return repository["repositoryUri"] + ":1.0.0", put["imageId"]["imageDigest"]


def seed_scan_findings():
    """What the next scan finds."""
    finding = {
        "imageScanFindings": {
            "findings": [{"name": "CVE-2026-0001", "severity": "HIGH", "uri": "https://example.com/CVE-2026-0001"}],
            "findingSeverityCounts": {"HIGH": 1},
        },
        "imageScanStatus": {"status": "COMPLETE"},
    }
    request = urllib.request.Request(
        os.environ["AWS_ENDPOINT_URL"] + "/moto-api/static/ecr/scan-finding-results",
        data=json.dumps({"results": [finding], "account_id": "123456789012", "region": REGION}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201, answer.status


def services(private, group, targets, secret):
    ecs = client("ecs")
    ecs.create_cluster(clusterName=CLUSTER)
    made = {}
    for name, count in (("frontend", 1), ("backend", 2)):
        uri, digest = image(name)
        container = {
            "name": name,
            "image": uri,
            "essential": True,
            "cpu": 256,
            "memory": 512,
            "portMappings": [{"containerPort": 3000}],
            "environment": [{"name": "DATABASE_URL", "value": ENVIRONMENT_VALUE}],
        }
        if name == "backend":
            container["secrets"] = [{"name": "DATABASE_PASSWORD", "valueFrom": f"{secret}:password::"}]
        definition = ecs.register_task_definition(
            family=f"party-box-{name}",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[container],
        )["taskDefinition"]["taskDefinitionArn"]
        ecs.create_service(
            cluster=CLUSTER,
            serviceName=name,
            taskDefinition=definition,
            desiredCount=count,
            launchType="FARGATE",
            loadBalancers=[{"targetGroupArn": targets[name], "containerName": name, "containerPort": 3000}],
            networkConfiguration={"awsvpcConfiguration": {"subnets": private, "securityGroups": [group]}},
        )
        made[name] = {"desired": count, "task_definition": definition, "image": uri, "digest": digest}
    return made


def database(private, group):
    rds = client("rds")
    rds.create_db_subnet_group(
        DBSubnetGroupName=CLUSTER, DBSubnetGroupDescription=CLUSTER, SubnetIds=private
    )
    common = {"DBInstanceClass": "db.t4g.medium", "StorageEncrypted": True, "PubliclyAccessible": False}
    rds.create_db_instance(
        DBInstanceIdentifier="party-box-db",
        Engine="postgres",
        EngineVersion="16.4",
        AllocatedStorage=20,
        MasterUsername="app",
        MasterUserPassword=base64.b64encode(os.urandom(12)).decode().replace("/", "_"),
        DBSubnetGroupName=CLUSTER,
        VpcSecurityGroupIds=[group],
        MultiAZ=True,
        BackupRetentionPeriod=7,
        **common,
    )
    # Another database of the account, which does not admit the services and so is none of theirs.
    rds.create_db_instance(
        DBInstanceIdentifier="somebody-elses-db",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="app",
        MasterUserPassword="not-a-secret-either",
        **common,
    )


def main():
    seed_scan_findings()
    vpc, public, private, groups = network()
    alb, targets = balancer(vpc, public, groups["alb"])
    secret = client("secretsmanager").create_secret(
        Name="party-box/database", SecretString=json.dumps({"password": "hunter2-secret"})
    )["ARN"]
    made = services(private, groups["ecs"], targets, secret)
    database(private, groups["rds"])
    client("ecs").create_cluster(clusterName="another")
    print(
        json.dumps(
            {
                "cluster": CLUSTER,
                "load_balancer": {"name": alb["LoadBalancerName"], "dns_name": alb["DNSName"]},
                "zones": sorted(REGION + zone for zone in "ac"),
                "services": made,
                "targets": {"frontend": 1, "backend": 2},
                "database": "party-box-db",
                "must_not_be_shown": [ENVIRONMENT_VALUE, "hunter2"],
            }
        )
    )


if __name__ == "__main__":
    main()
