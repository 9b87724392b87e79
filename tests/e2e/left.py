"""Tell what an emulator of AWS still has: `left.py URL`, one line for each thing, in the region us-east-1."""

import sys

import boto3
from botocore.exceptions import ClientError


def main(url: str) -> None:
    def client(service: str):
        return boto3.client(service, endpoint_url=url, region_name="us-east-1")

    kafka, eks, dsql, hsm = (client(name) for name in ["kafka", "eks", "dsql", "cloudhsmv2"])
    for page in kafka.get_paginator("list_clusters").paginate():
        tell("msk", [cluster["ClusterName"] for cluster in page["ClusterInfoList"]])
    for page in eks.get_paginator("list_clusters").paginate():
        tell("eks", page["clusters"])
    for page in dsql.get_paginator("list_clusters").paginate():
        tell("dsql", [cluster["identifier"] for cluster in page["clusters"] if is_there(dsql, cluster)])
    for page in hsm.get_paginator("describe_clusters").paginate():
        tell("cloudhsm", [cluster["ClusterId"] for cluster in page["Clusters"]])


def is_there(dsql, cluster: dict) -> bool:
    """moto lists a deleted cluster until somebody asks for it."""
    try:
        dsql.get_cluster(identifier=cluster["identifier"])
    except ClientError as error:
        return error.response["Error"]["Code"] != "ResourceNotFoundException"
    return True


def tell(service: str, names: list) -> None:
    for name in names:
        print(service, repr(name))


if __name__ == "__main__":
    main(sys.argv[1])
