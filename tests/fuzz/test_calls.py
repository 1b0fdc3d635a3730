"""Every call of the REST interface with senseless values: a problem document at worst, never a fault of ours.

`bin/test --long` sends new ones for minutes; an ordinary run a few of each call.
"""

import random
import time
from collections import Counter

import pytest

FEW, MINUTES = 4, 3


def send(client, senseless, call, seed: str) -> int:
    """The status. Fails on a fault of ours, and on an error that is no problem document."""
    sent = senseless.request(call, random.Random(seed))
    answer = client.generic(sent.method.upper(), sent.url, sent.body, content_type=sent.content_type)
    if answer.streaming:
        for _ in answer.streaming_content:
            pass
    told = f"{sent.method} {sent.url[:300]} {sent.body[:300]!r} (seed {seed}): {answer.status_code}"
    assert answer.status_code < 500, told
    assert answer.status_code < 400 or answer["Content-Type"] == "application/problem+json", told
    return answer.status_code


def test_senseless_calls_are_answered_with_a_problem_at_worst(house):
    clients, senseless = house.clients, house.senseless
    ends = Counter(
        send(client, senseless, call, f"{name}-{call.method}-{call.path}-{number}")
        for call in senseless.calls
        for name, client in clients.items()
        for number in range(FEW)
    )
    assert ends[200] > 50 and ends[400] > 50, ends


@pytest.mark.long
@pytest.mark.timeout(MINUTES * 60 + 120)
def test_so_are_new_ones_for_minutes(house):
    clients, senseless = house.clients, house.senseless
    began, until, ends, number = random.randrange(1 << 32), time.monotonic() + MINUTES * 60, Counter(), 0
    while time.monotonic() < until:
        dice = random.Random(f"{began}-{number}")
        call, client = dice.choice(senseless.calls), clients[dice.choice(sorted(clients))]
        ends[send(client, senseless, call, f"{began}-{number}")] += 1
        number += 1
    print(f"\n{number} calls: {dict(ends.most_common())}")
    assert number > 1_000
