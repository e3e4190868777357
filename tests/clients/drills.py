#!/usr/bin/env python3
"""Fails the database over with boto3, and watches RDS, DNS and the load balancer meanwhile.

Takes the endpoint, the Region, the credentials, `PARTYBOX_DNS` and `PARTYBOX_ALB_URL` from the environment, as `sim` prints
them. The account must be of the scenario that the argument names: `failover` (which begins by itself) or `aurora`.
"""

import os
import socket
import struct
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"mode": "standard", "max_attempts": 2})
RDS = boto3.client("rds", config=CONFIG)
PATIENCE = 120
A, AAAA = 1, 28


def until(what, look):
    """Looks again and again until it finds something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what}: not seen in {PATIENCE} s")


def refused(code, call, **kwargs):
    """The call must fail with this error code; answers the HTTP status."""
    try:
        call(**kwargs)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, (code, error.response)
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"{call.__name__} must be refused with {code}")


def one(items):
    assert len(items) == 1, items
    return items[0]


def ask(name, kind=A):
    """Asks the simulator's DNS server; answers the code and, of an address, its text and time to live."""
    host, port = os.environ["PARTYBOX_DNS"].rsplit(":", 1)
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    question = labels + struct.pack(">BHH", 0, kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(20)
        udp.sendto(struct.pack(">HHHHHH", 4711, 0x0100, 1, 0, 0, 0) + question, (host, int(port)))
        answer = udp.recv(512)
    number, flags, questions, answers, _, _ = struct.unpack(">HHHHHH", answer[:12])
    assert number == 4711 and flags & 0x8000 and questions == 1, answer
    assert answer[12 : 12 + len(question)] == question, answer
    if not answers:
        return flags & 0xF, None, None
    pointer, kind, group, ttl, length = struct.unpack(">HHHIH", answer[12 + len(question) :][:12])
    assert (pointer, kind, group, length) == (0xC00C, A, 1, 4), answer
    return flags & 0xF, socket.inet_ntoa(answer[-4:]), ttl


def address(name):
    code, found, ttl = ask(name)
    assert (code, ttl) == (0, 5), (name, code, ttl)
    return found


def api_answers():
    """Whether the API answers well; a request that hangs is not waited for."""
    try:
        with urllib.request.urlopen(os.environ["PARTYBOX_ALB_URL"] + "/api/health", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.HTTPError, TimeoutError, OSError):
        return False


def messages(**kwargs):
    events = RDS.describe_events(Duration=30, **kwargs)["Events"]
    for event in events:
        assert event["SourceArn"].endswith(event["SourceIdentifier"]), event
        kind = {"db-cluster": ":cluster:", "db-instance": ":db:"}[event["SourceType"]]
        assert kind in event["SourceArn"], event
    return [event["Message"] for event in events]


def check_names():
    balancer = boto3.client("elbv2", config=CONFIG).describe_load_balancers()["LoadBalancers"][0]
    assert ask(balancer["DNSName"])[:2] == (0, "127.0.0.1")
    assert ask("nobody.example.com") == (3, None, None)


def outage(name):
    """Waits through an outage; answers the addresses before and after it."""
    before = address(name)
    until("the outage", lambda: not api_answers())
    until("the recovery", api_answers)
    after = until("another address", lambda: {address(name)} - {before}).pop()
    assert {before[:7], after[:7]} == {"10.0.2.", "10.0.4."}, (before, after)
    return before, after


def failover():
    database = one(RDS.describe_db_instances(DBInstanceIdentifier="party-box-db")["DBInstances"])
    assert database["MultiAZ"] and "DBClusterIdentifier" not in database, database
    zones = database["AvailabilityZone"], database["SecondaryAvailabilityZone"]
    outage(database["Endpoint"]["Address"])
    RDS.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier="party-box-db", WaiterConfig={"Delay": 1, "MaxAttempts": PATIENCE}
    )

    def swapped():
        now = one(RDS.describe_db_instances(DBInstanceIdentifier="party-box-db")["DBInstances"])
        return (now["SecondaryAvailabilityZone"], now["AvailabilityZone"]) == zones

    until("the zones' swap", swapped)
    told = messages(SourceType="db-instance", SourceIdentifier="party-box-db", EventCategories=["failover"])
    assert told == [
        "Multi-AZ instance failover started.",
        "Multi-AZ instance failover completed",
        "The primary host of the RDS Multi-AZ instance is unhealthy.",
    ], told
    assert messages(SourceType="db-cluster") == []


def writer(cluster):
    return one([each for each in cluster["DBClusterMembers"] if each["IsClusterWriter"]])["DBInstanceIdentifier"]


def cluster():
    return one(RDS.describe_db_clusters(DBClusterIdentifier="party-box-db")["DBClusters"])


def aurora():
    before = cluster()
    assert (before["Engine"], before["Status"], before["MultiAZ"]) == ("aurora-postgresql", "available", True), before
    members = {each["DBInstanceIdentifier"]: each for each in before["DBClusterMembers"]}
    assert set(members) == {"party-box-db-1", "party-box-db-2"} and writer(before) == "party-box-db-1", members
    assert all(each["DBClusterParameterGroupStatus"] == "in-sync" for each in members.values()), members
    pages = RDS.get_paginator("describe_db_instances").paginate(
        Filters=[{"Name": "db-cluster-id", "Values": ["party-box-db"]}]
    )
    instances = [each for page in pages for each in page["DBInstances"]]
    assert {each["DBInstanceIdentifier"] for each in instances} == set(members), instances
    for each in instances:
        assert each["DBClusterIdentifier"] == "party-box-db" and not each["MultiAZ"], each
        assert "SecondaryAvailabilityZone" not in each and each["PromotionTier"] == 1, each
        assert ask(each["Endpoint"]["Address"], AAAA) == (0, None, None)
    assert len({each["AvailabilityZone"] for each in instances}) == 2, instances
    tags = RDS.list_tags_for_resource(ResourceName=before["DBClusterArn"])["TagList"]
    assert {"Key": "Project", "Value": "party-box"} in tags, tags

    call = RDS.failover_db_cluster
    assert refused("DBClusterNotFoundFault", call, DBClusterIdentifier="nothing") == 404
    own = {"DBClusterIdentifier": "party-box-db"}
    assert refused("InvalidDBInstanceState", call, TargetDBInstanceIdentifier="party-box-db-1", **own) == 400
    assert refused("DBInstanceNotFound", call, TargetDBInstanceIdentifier="nothing", **own) == 404
    forced = {"DBInstanceIdentifier": "party-box-db-1", "ForceFailover": True}
    assert refused("InvalidDBInstanceState", RDS.reboot_db_instance, **forced) == 400

    answer = call(TargetDBInstanceIdentifier="party-box-db-2", **own)["DBCluster"]
    assert answer["DBClusterIdentifier"] == "party-box-db", answer
    _, address_after = outage(before["Endpoint"])
    until("the writer's move", lambda: writer(cluster()) == "party-box-db-2")
    RDS.get_waiter("db_cluster_available").wait(WaiterConfig={"Delay": 1, "MaxAttempts": PATIENCE}, **own)
    new = one(RDS.describe_db_instances(DBInstanceIdentifier="party-box-db-2")["DBInstances"])
    assert address(new["Endpoint"]["Address"]) == address_after
    assert address(before["ReaderEndpoint"]) != address_after

    of_cluster = messages(SourceType="db-cluster", SourceIdentifier="party-box-db")
    assert of_cluster == [
        "Started cross AZ failover to DB instance: party-box-db-2",
        "Completed failover to DB instance: party-box-db-2",
    ], of_cluster
    of_instances = messages(SourceType="db-instance")
    assert of_instances.count("DB instance restarted") == 2, of_instances
    assert sorted(messages()) == sorted(of_cluster + of_instances)
    refused("InvalidParameterCombination", RDS.describe_events, SourceIdentifier="party-box-db")

    # Without a target the only reader is promoted; a second request in between is refused.
    call(**own)
    until("the failover", lambda: cluster()["Status"] == "failing-over")
    assert refused("InvalidDBClusterStateFault", call, **own) == 400
    until("the writer's return", lambda: writer(cluster()) == "party-box-db-1")


def main():
    check_names()
    {"failover": failover, "aurora": aurora}[sys.argv[1]]()
    print(f"drills: {sys.argv[1]}, as documented")


if __name__ == "__main__":
    main()
