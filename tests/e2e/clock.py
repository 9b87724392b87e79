"""What a boto3 program makes of the time: it takes on a role whose credentials expire, asks for
clusters with them, and says whether it signed on the day that it is.

Needs a profile `role`. Prints nothing that differs from run to run.
"""

import datetime

import boto3
from botocore.config import Config


def signed(request, **_) -> None:
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")
    value = request.headers["X-Amz-Date"]
    date = value.decode() if isinstance(value, bytes) else value
    print("signed today" if date.startswith(today) else "signed on another day")


session = boto3.Session(profile_name="role")
kafka = session.client("kafka", config=Config(retries={"total_max_attempts": 1}, user_agent="boto3"))
kafka.meta.events.register("before-send.kafka", signed)
for _ in range(2):
    print(f"clusters: {len(kafka.list_clusters(MaxResults=5)['ClusterInfoList'])}")
