"""A plugin of pytest for suites that are recorded and replayed.

It leads mock_aws to the server at ONRECORD_URL, where it emulates nothing itself. It draws the names
that tests make up (random, uuid4) from the name of the test, so that each run asks for the same. And
it writes what became of each test to OUTCOMES, a line each.
"""

import os
import random
import types
import uuid

import pytest

os.environ["TEST_SERVER_MODE"] = "true"
os.environ["TEST_SERVER_MODE_ENDPOINT"] = os.environ["ONRECORD_URL"]

# It reads those as it is imported.
from moto.moto_api._internal import mock_random  # noqa: E402


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    random.seed(item.nodeid)
    mock_random.seed(item.nodeid)  # moto's own tests draw from this
    # Tests have imported uuid4 itself by now; this is what it draws from.
    uuid.os = types.SimpleNamespace(urandom=random.Random(item.nodeid).randbytes)


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        with open(os.environ["OUTCOMES"], "a") as stream:
            stream.write(f"{report.nodeid} {report.when} {report.outcome}\n")


# The fixtures of s3path, whose source distribution leaves its conftest.py out.


@pytest.fixture
def reset_configuration_cache():
    from s3path import configuration_map

    configuration_map.get_configuration.cache_clear()
    yield
    configuration_map.get_configuration.cache_clear()


@pytest.fixture
def s3_mock(reset_configuration_cache):
    from moto import mock_aws

    with mock_aws():
        yield
