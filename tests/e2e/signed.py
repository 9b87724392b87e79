"""Requests that boto3 signs in each of its ways: S3 with a path that has to be escaped and a body in
chunks (over TLS), a presigned URL, JSON, and a path with a query.

Prints what came of each: `ok`, or the name of the error. Nothing in it differs from run to run.
"""

import io
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

KEY = "a b/ü+~(1)//x=y.txt"

once = {"total_max_attempts": 1}
# URLs are presigned with version 2 unless told otherwise.
path_style = {"addressing_style": "path", "us_east_1_regional_endpoint": "regional"}
s3 = boto3.client("s3", config=Config(retries=once, s3=path_style, signature_version="s3v4"))
dynamodb = boto3.client("dynamodb", config=Config(retries=once))
eks = boto3.client("eks", config=Config(retries=once))


def presigned():
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "orders", "Key": KEY}, ExpiresIn=60)
    with urllib.request.urlopen(url) as answer:
        answer.read()  # Not looked at: over TLS moto loses bodies in chunks.


STEPS = {
    "bucket": lambda: s3.create_bucket(Bucket="orders"),
    "put": lambda: s3.put_object(Bucket="orders", Key=KEY, Body=io.BytesIO(b"one\ntwo\n"), Metadata={"a": "b  c"}),
    "list": lambda: s3.list_objects_v2(Bucket="orders", Prefix="a b/", StartAfter="+&/"),
    "presigned": presigned,
    "json": lambda: dynamodb.list_tables(Limit=3),
    "query": lambda: eks.list_clusters(maxResults=2),
    "escaped": lambda: eks.create_cluster(
        name="a b:c",
        roleArn="arn:aws:iam::123456789012:role/a",
        resourcesVpcConfig={"subnetIds": ["subnet-0a"]},
        clientRequestToken="once",
    )
    and eks.describe_cluster(name="a b:c"),
}

for name, step in STEPS.items():
    try:
        step()
        print(f"{name}: ok")
    except ClientError as error:
        print(f"{name}: {error.response['Error']['Code']} {error.response['ResponseMetadata']['HTTPStatusCode']}")
    except urllib.error.HTTPError as error:
        print(f"{name}: HTTP {error.code}")
