"""Tests of somebody's suite, all at once on one replay, each with its own session.

    onrecord replay --proxy --admin 127.0.0.1:0 -- parallel.py CASSETTE

A third of them names its session by the access key, a third by a header field, a third by the
user name of its proxy. Each reads all pages, twice, which is as often as the recording has them:
whoever took another's page would leave it without. Prints how many had all of theirs.
"""

import concurrent.futures
import json
import os
import sys
import threading
import urllib.request

import boto3
from botocore.config import Config

TESTS = 24
PROXY = os.environ.pop("HTTPS_PROXY")
for name in ("https_proxy", "HTTP_PROXY", "http_proxy"):
    os.environ.pop(name, None)


def admin(method, path, body=None):
    headers = {"Authorization": "Bearer " + os.environ["ONRECORD_ADMIN_TOKEN"]}
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(os.environ["ONRECORD_ADMIN_URL"] + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def client(way, name, url):
    key = name if way == "key" else "AKIAANYBODY"
    words = {"region_name": "us-east-1", "aws_access_key_id": key, "aws_secret_access_key": "any"}
    once = {"retries": {"total_max_attempts": 1}}
    session = boto3.session.Session()
    if way == "proxy":
        proxies = {"https": PROXY.replace("http://", f"http://{name}:x@")}
        return session.client("kafka", config=Config(proxies=proxies, **once), **words)
    kafka = session.client("kafka", endpoint_url=url, config=Config(**once), **words)
    if way == "header":

        def add(request, **_):
            request.headers["x-onrecord-session"] = name

        kafka.meta.events.register("before-send.kafka.ListClusters", add)
    return kafka


def test(number, making, start):
    way = ("key", "header", "proxy")[number % 3]
    name = f"test-{number}"
    url = admin("POST", "/sessions", {"name": name, "cassettes": [sys.argv[1]]})["url"]
    with making:  # boto3 does not make clients in parallel.
        kafka = client(way, name, url)
    start.wait()
    pages = []
    for _ in range(2):
        page = kafka.list_clusters(MaxResults=2)
        while token := page.get("NextToken"):
            pages.append(len(page["ClusterInfoList"]))
            page = kafka.list_clusters(MaxResults=2, NextToken=token)
        pages.append(len(page["ClusterInfoList"]))
    summary = admin("DELETE", f"/sessions/{name}")
    return summary["missed"] == 0 and summary["served"] == len(pages), pages


def main():
    making, start = threading.Lock(), threading.Barrier(TESTS)
    with concurrent.futures.ThreadPoolExecutor(TESTS) as pool:
        ended = list(pool.map(lambda number: test(number, making, start), range(TESTS)))
    assert all(pages == ended[0][1] for _, pages in ended), ended
    print(f"{sum(well for well, _ in ended)} of {TESTS}, pages of {ended[0][1]}")


main()
