"""A record arrives as it was sent."""

import copy
import pickle
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from transforms.extract import extract_page
from transforms.outcome import Outcome
from transforms.page import Extracted, ExtractOptions, Rejected
from transforms.sample_pages import sample_pages
from transforms.schema import Verdict
from transforms.values import sent_as_values

PAGE = sample_pages()[0]
FOUND = extract_page(PAGE, ExtractOptions())
RECORDS = (
    PAGE,
    FOUND,
    Rejected(outcome=Outcome.EMPTY),
    Rejected(outcome=Outcome.NOT_HTML, detail="image/png", wall=None),
)


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_it_is_equal(record, protocol):
    arrived = pickle.loads(pickle.dumps(record, protocol))
    assert arrived == record
    assert type(arrived) is type(record)
    assert copy.deepcopy(record) == record


def test_records_within_records_keep_their_types():
    arrived = pickle.loads(pickle.dumps(FOUND))
    assert isinstance(arrived, Extracted)
    assert arrived.comments[0].seen_at == FOUND.comments[0].seen_at
    assert arrived.article.provenance == FOUND.article.provenance
    assert isinstance(arrived.evidence[0].verdict, Verdict)


@sent_as_values
@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    place: str
    at: datetime
    others: tuple[str, ...] = ()


def test_any_record():
    seen = Sighting(place="pier", at=datetime(2026, 3, 1, tzinfo=UTC), others=("gull",))
    assert pickle.loads(pickle.dumps([seen, seen])) == [seen, seen]
    assert replace(seen, place="bay").place == "bay"
