"""Endless small traffic for the crash tests, and a diary of every answer seen.

    traffic.py --seen FILE [--count N] [--workers N]

Each round creates a cluster with a name of its own, lists by that name and
describes it: three requests. After each answer received to its end one line,
`OPERATION NAME`, is appended to FILE; for every such line a recorder that was
killed must still have an exchange of that operation with that name in it.
(The name is in the request of CreateCluster and ListClusters, and in the
answer of all three.) Ends quietly, with 0, when the connection is lost or
refused; with 1 at an answer that is an error.

Not boto3: it takes an answer cut off before its Content-Length for a whole one.
"""

import argparse
import http.client
import json
import os
import sys
import threading
from urllib.parse import quote, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

BROKERS = {"instanceType": "kafka.m5.large", "clientSubnets": ["subnet-0a", "subnet-0b"]}


class Client:
    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=60)
        key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
        self.signer = SigV4Auth(Credentials(key, secret), "kafka", "us-east-1")

    def ask(self, method: str, target: str, body: dict | None = None) -> dict:
        data = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        request = AWSRequest(method, self.endpoint + target, headers, data)
        self.signer.add_auth(request)
        self.connection.request(method, target, data, dict(request.headers))
        with self.connection.getresponse() as response:
            answer = response.read()  # raises when the answer is cut off
        if response.status != 200:
            raise RuntimeError(f"{method} {target}: HTTP {response.status}: {answer[:500]!r}")
        return json.loads(answer)

    def rounds(self, seen: int, worker: int, count: int) -> None:
        for number in range(1, count + 1):
            name = f"traffic-{worker}-{number:06}"
            cluster = {
                "clusterName": name,
                "kafkaVersion": "3.6.0",
                "numberOfBrokerNodes": 2,
                "brokerNodeGroupInfo": BROKERS,
            }
            created = self.ask("POST", "/v1/clusters", cluster)
            os.write(seen, f"CreateCluster {name}\n".encode())
            self.ask("GET", f"/v1/clusters?clusterNameFilter={name}")
            os.write(seen, f"ListClusters {name}\n".encode())
            self.ask("GET", f"/v1/clusters/{quote(created['clusterArn'], safe='')}")
            os.write(seen, f"DescribeCluster {name}\n".encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seen", required=True, help="the diary, appended to")
    parser.add_argument("--count", type=int, default=1_000_000, help="rounds per worker")
    parser.add_argument("--workers", type=int, default=1, help="requests at the same time")
    options = parser.parse_args()
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if not endpoint.startswith("http://"):
        parser.error("set AWS_ENDPOINT_URL to http://HOST:PORT: this creates clusters")

    seen = os.open(options.seen, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    surprises: list[Exception] = []

    def work(worker: int) -> None:
        try:
            Client(endpoint).rounds(seen, worker, options.count)
        except (OSError, http.client.HTTPException):
            pass  # lost or refused: the crash this program is for
        except Exception as error:
            surprises.append(error)

    workers = [threading.Thread(target=work, args=[i]) for i in range(1, options.workers + 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if surprises:
        sys.exit(f"traffic: {surprises[0]!r}")


if __name__ == "__main__":
    main()
