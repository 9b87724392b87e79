// A cluster's life told by the AWS SDK for JavaScript: created, described, listed, deleted, gone.
//
// Prints what it saw and nothing that differs from run to run. The SDK ignores HTTPS_PROXY under
// Node 20, so it is given a proxy agent; nothing else is set here that a program would not set.

import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClusterCommand,
  EKSClient,
  ListClustersCommand,
} from "@aws-sdk/client-eks";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { HttpsProxyAgent } from "https-proxy-agent";

const proxy = process.env.HTTPS_PROXY;
if (!proxy) throw new Error("set HTTPS_PROXY: this creates clusters, and not on a real account");
const eks = new EKSClient({
  region: "us-east-1",
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler({ httpsAgent: new HttpsProxyAgent(proxy, { keepAlive: true }) }),
});

async function tell(what, command, words) {
  try {
    console.log(`${what}: ${words(await eks.send(command))}`);
  } catch (error) {
    const status = error.$metadata?.httpStatusCode;
    if (!status) throw error;
    console.log(`${what}: refused, ${error.name} (HTTP ${status})`);
  }
}

const create = {
  name: "orders",
  roleArn: "arn:aws:iam::123456789012:role/eks",
  resourcesVpcConfig: { subnetIds: ["subnet-0a", "subnet-0b"] },
  tags: { team: "orders" },
};
const life = ({ cluster }) => `${cluster.name} is ${cluster.status}, since ${cluster.createdAt instanceof Date}`;
const listed = ({ clusters }) => `[${clusters}]`;

await tell("create", new CreateClusterCommand(create), life);
await tell("create again", new CreateClusterCommand(create), life);
await tell("describe", new DescribeClusterCommand({ name: "orders" }), life);
await tell("list", new ListClustersCommand({ maxResults: 10 }), listed);
await tell("delete", new DeleteClusterCommand({ name: "orders" }), life);
await tell("list", new ListClustersCommand({ maxResults: 10 }), listed);
await tell("describe", new DescribeClusterCommand({ name: "orders" }), life);
