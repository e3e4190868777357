// Runs the AWS SDK for JavaScript's own waiters on a rolling deployment, a snapshot and a failover, and checks the outcome.
//
// Takes the endpoint, the Region and the credentials from the environment, as any AWS client does. The account must be of
// the `steady` scenario, at a speed of 20 or more. The first argument is the folder that the clients are installed in.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "package.json"));
const ecs = require("@aws-sdk/client-ecs");
const elb = require("@aws-sdk/client-elastic-load-balancing-v2");
const rds = require("@aws-sdk/client-rds");

// The database in use; snapshots and failovers are of this one.
const DATABASE = { DBInstanceIdentifier: "party-box-db" };
const BACKEND = { cluster: "party-box", services: ["backend"] };
const patience = (client) => ({ client, minDelay: 1, maxDelay: 3, maxWaitTime: 240 });

const services = new ecs.ECSClient({ maxAttempts: 2 });
const balancers = new elb.ElasticLoadBalancingV2Client({ maxAttempts: 2 });
const databases = new rds.RDSClient({ maxAttempts: 2 });

async function done(result) {
  const { state, reason } = await result;
  assert.equal(state, "SUCCESS", JSON.stringify(reason));
}

async function backend() {
  return (await services.send(new ecs.DescribeServicesCommand(BACKEND))).services[0];
}

async function database() {
  return (await databases.send(new rds.DescribeDBInstancesCommand(DATABASE))).DBInstances[0];
}

async function until(what, look) {
  const end = Date.now() + 120_000;
  while (Date.now() < end) {
    const found = await look();
    if (found) return found;
    await new Promise((again) => setTimeout(again, 300));
  }
  throw new Error(`${what}: not seen`);
}

async function refused(name, sent) {
  await assert.rejects(sent, (error) => {
    assert.equal(error.name, name);
    assert.ok(error.$metadata.requestId, "each answer has an id");
    return true;
  });
}

async function roll() {
  const before = await backend();
  const update = { cluster: "party-box", service: "backend", forceNewDeployment: true };
  const { service } = await services.send(new ecs.UpdateServiceCommand(update));
  const started = service.deployments[0];
  assert.notEqual(started.id, before.deployments[0].id);
  assert.ok(started.createdAt instanceof Date);
  await done(ecs.waitUntilServicesStable(patience(services), BACKEND));
  const after = await until("the deployment's end", async () => {
    const now = await backend();
    return now.deployments.length === 1 && now.deployments[0].rolloutState === "COMPLETED" && now;
  });
  assert.equal(after.deployments[0].id, started.id);
  assert.equal(after.runningCount, after.desiredCount);
  const group = { TargetGroupArn: after.loadBalancers[0].targetGroupArn };
  // Those of the old tasks drain for a while.
  await done(elb.waitUntilTargetInService(patience(balancers), group));
  const { LoadBalancers } = await balancers.send(new elb.DescribeLoadBalancersCommand({}));
  const names = { Names: LoadBalancers.map((each) => each.LoadBalancerName) };
  await done(elb.waitUntilLoadBalancerAvailable(patience(balancers), names));
}

async function stop() {
  const { taskArns } = await services.send(
    new ecs.ListTasksCommand({ cluster: "party-box", serviceName: "frontend" }),
  );
  const task = { cluster: "party-box", tasks: [taskArns[0]] };
  await done(ecs.waitUntilTasksRunning(patience(services), task));
  await services.send(
    new ecs.StopTaskCommand({ cluster: "party-box", task: taskArns[0], reason: "it leaks" }),
  );
  await done(ecs.waitUntilTasksStopped(patience(services), task));
  const { tasks } = await services.send(new ecs.DescribeTasksCommand(task));
  assert.deepEqual([tasks[0].stopCode, tasks[0].stoppedReason], ["UserInitiated", "it leaks"]);
}

async function copy() {
  const snapshot = { ...DATABASE, DBSnapshotIdentifier: "before-the-failover" };
  const { DBSnapshot } = await databases.send(new rds.CreateDBSnapshotCommand(snapshot));
  assert.equal(DBSnapshot.Status, "creating");
  await done(rds.waitUntilDBSnapshotAvailable(patience(databases), snapshot));
  await done(rds.waitUntilDBInstanceAvailable(patience(databases), DATABASE));
}

async function failOver() {
  const reboot = new rds.RebootDBInstanceCommand({ ...DATABASE, ForceFailover: true });
  const { DBInstance } = await databases.send(reboot);
  assert.equal(DBInstance.DBInstanceStatus, "rebooting", "the answer itself says so");
  await done(rds.waitUntilDBInstanceAvailable(patience(databases), DATABASE));
  assert.equal((await database()).DBInstanceStatus, "available");
  const { Events } = await databases.send(
    new rds.DescribeEventsCommand({ SourceType: "db-instance", Duration: 120 }),
  );
  const messages = Events.map((event) => event.Message);
  assert.ok(messages.includes("Multi-AZ instance failover completed"), messages.join("\n"));
}

async function errors() {
  await refused("ClusterNotFoundException", services.send(new ecs.ListServicesCommand({ cluster: "none" })));
  await refused(
    "DBInstanceNotFoundFault",
    databases.send(new rds.DescribeDBInstancesCommand({ DBInstanceIdentifier: "none" })),
  );
  await refused(
    "TargetGroupNotFoundException",
    balancers.send(new elb.DescribeTargetGroupsCommand({ Names: ["none"] })),
  );
}

for (const story of [errors, roll, stop, copy, failOver]) {
  await story();
}
console.log("sdk: every waiter ended as documented");
