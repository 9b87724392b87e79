// What the AWS SDK for JavaScript makes of the time: it takes its clock from the `Date` of each
// answer, and signs the next request by it. Prints nothing that differs from run to run.

import { EKSClient, ListClustersCommand } from "@aws-sdk/client-eks";

const eks = new EKSClient({ region: "us-east-1", maxAttempts: 1 });
const signed = (next) => async (args) => {
  const today = new Date().toISOString().slice(0, 10).replaceAll("-", "");
  console.log(args.request.headers["x-amz-date"].startsWith(today) ? "signed today" : "signed on another day");
  return next(args);
};
eks.middlewareStack.add(signed, { step: "deserialize", priority: "low" });

for (const maxResults of [1, 2, 3]) {
  const { clusters } = await eks.send(new ListClustersCommand({ maxResults }));
  console.log(`clusters: ${clusters.length}`);
}
