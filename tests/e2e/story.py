"""The story of the product, told by an unmodified boto3 program.

    story.py [--count N] [--attempts N]     N clusters, seven unless told; one attempt at each request

Creates clusters, lists them in pages of two, describes one, deletes one, lists
again, and asks for two things a provider should refuse. Prints what it saw and
nothing that differs from run to run (no account, identifier, time or host), so
that the account is the same, byte for byte, from the provider itself, through
the recorder and from replay.

The provider is named by AWS_ENDPOINT_URL (or a proxy), as for any AWS client.
Exit codes: 0 told to the end; 1 an answer the story cannot go on from; 2 usage.
"""

import argparse
import datetime
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

BROKERS = {
    "InstanceType": "kafka.m5.large",
    "ClientSubnets": ["subnet-0a", "subnet-0b", "subnet-0c"],
    "SecurityGroups": ["sg-0a"],
    "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 100}},
}


class Story:
    def __init__(self, attempts: int) -> None:
        # One attempt each unless told, so that a miss shows at once and nothing is asked twice.
        self.kafka = boto3.client(
            "kafka",
            region_name="us-east-1",
            # The usual user agent tells the machine it was recorded on.
            config=Config(retries={"total_max_attempts": attempts}, user_agent="boto3"),
        )
        self.arns: dict[str, str] = {}  # name -> ARN, as creating it told

    def tell(self, count: int) -> None:
        names = [f"orders-{i}" for i in range(1, count + 1)]
        for name in names:
            self.arns[name] = self.create(name)["ClusterArn"]
        self.list()
        self.describe(names[min(2, count - 1)])
        self.delete(names[min(4, count - 1)])
        self.list()
        self.refused("create orders-1 again", lambda: self.create("orders-1"))
        self.refused("describe a cluster that never was", self.describe_nothing)

    def create(self, name: str) -> dict:
        answer = self.kafka.create_cluster(
            ClusterName=name,
            KafkaVersion="3.6.0",
            NumberOfBrokerNodes=3,
            BrokerNodeGroupInfo=BROKERS,
            EnhancedMonitoring="PER_BROKER",
            Tags={"team": "orders", "name": name},
        )
        print(f"create {name}: {answer['ClusterName']} is {answer['State']}")
        return answer

    def list(self) -> None:
        pages = self.kafka.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2})
        found = [page["ClusterInfoList"] for page in pages]
        sizes = ", ".join(str(len(page)) for page in found)
        print(f"list: {sum(map(len, found))} clusters; pages asked of two, got {len(found)}: {sizes}")
        for cluster in (cluster for page in found for cluster in page):
            print(f"  {cluster['ClusterName']} {cluster['State']}, {self.whose(cluster)}")

    def describe(self, name: str) -> None:
        cluster = self.kafka.describe_cluster(ClusterArn=self.arns[name])["ClusterInfo"]
        print(f"describe {name}: {self.whose(cluster)}")
        for field in sorted(cluster):
            value = cluster[field]
            if isinstance(value, datetime.datetime):
                value = "a time"
            elif "arn:" in str(value):
                value = "an ARN"
            print(f"  {field}: {value}")

    def delete(self, name: str) -> None:
        answer = self.kafka.delete_cluster(ClusterArn=self.arns[name])
        print(f"delete {name}: {answer['State']}, {self.whose(answer | {'ClusterName': name})}")

    def describe_nothing(self) -> None:
        prefix = self.arns["orders-1"].split(":cluster/")[0]
        nothing = f"{prefix}:cluster/nothing/00000000-0000-4000-8000-000000000000-1"
        self.kafka.describe_cluster(ClusterArn=nothing)

    def refused(self, what: str, ask) -> None:
        try:
            ask()
        except ClientError as error:
            print(f"{what}: {refusal(error)}")
        else:
            print(f"{what}: accepted")

    def whose(self, cluster: dict) -> str:
        """Whether the ARN is the one that creating the cluster told, without printing it."""
        same = cluster["ClusterArn"] == self.arns.get(cluster["ClusterName"])
        return "its ARN as created" if same else "ANOTHER ARN"


def refusal(error: ClientError) -> str:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return f"refused, {error.response['Error']['Code']} (HTTP {status})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=7, help="clusters to create (default: 7)")
    parser.add_argument("--attempts", type=int, default=1, help="at each request (default: 1)")
    options = parser.parse_args()
    count = options.count
    if count < 1:
        parser.error("--count must be at least 1")
    redirections = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KAFKA", "HTTPS_PROXY", "https_proxy"]
    if not any(os.environ.get(name) for name in redirections):
        parser.error("set AWS_ENDPOINT_URL: this story creates clusters, and not on a real account")
    try:
        Story(options.attempts).tell(count)
    except ClientError as error:
        print(f"{error.operation_name}: {refusal(error)}", flush=True)
        sys.exit(f"story: {error}")
    except BotoCoreError as error:
        sys.exit(f"story: {error}")


if __name__ == "__main__":
    main()
