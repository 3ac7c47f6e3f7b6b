"""Signatures: what they say about texts that share all, part or nothing."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.minhash import KEPT_MAX, KEPT_MIN, SHINGLES_MIN, Sketch, compare, sign

WORDS = [
    a + b + c for a in ("ba", "ko", "ri", "tu", "shen") for b in ("la", "mo", "ne", "dri") for c in ("", "n", "st")
]


def text_of(count: int, seed: int = 1) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=count))


def test_a_signature_is_the_same_everywhere() -> None:
    sketch = sign("The ferry Curlew passed her trials on Sunday and will sail again in the first week of December.")
    assert sketch.shingle_count == 15
    assert sketch.hashes[:2] == (258406966, 912950991)


@pytest.mark.parametrize("words", [60, 400, 2_000, 20_000])
def test_its_size_is_bounded(words: int) -> None:
    sketch = sign(text_of(words))
    assert KEPT_MIN <= len(sketch.hashes) <= KEPT_MAX
    assert list(sketch.hashes) == sorted(set(sketch.hashes))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("THE FERRY—Curlew! sails (again), they say", "the ferry curlew sails again they say"),
        ("ﬁne caf\u0065\u0301 at the pier", "fine café at the pier"),
        ("the ferry\nsails\n\nagain today", "the ferry sails again today"),
    ],
)
def test_case_punctuation_and_unicode_form_do_not_count(one: str, other: str) -> None:
    filling = " " + text_of(30)
    assert sign(one + filling) == sign(other + filling)


def test_numbers_count() -> None:
    weather = "Station {} has {} degrees and wind of {} knots from the west with rain of {} millimetres by {} o'clock"
    likeness = compare(sign(weather.format(4, 12, 20, 3, 7)), sign(weather.format(9, 14, 25, 8, 6)))
    assert likeness.containment < 0.4


@pytest.mark.parametrize("text", ["", "Page not found", "Comments are closed. Please log in.", "猫が好き"])
def test_a_line_has_no_hashes(text: str) -> None:
    sketch = sign(text)
    assert sketch.hashes == ()
    assert sketch.shingle_count < SHINGLES_MIN
    assert compare(sketch, sketch).shared_count == 0


@pytest.mark.parametrize(
    "text",
    [
        "灯台守の猫は毎朝六時に港の市場へ行き漁師たちから小さな魚を一匹もらってから灯台へ戻って昼まで眠る",
        "เรือเฟอร์รี่กลับมาที่ท่าเรืออีกครั้งหลังจากหยุดไปสิบเอ็ดปีชาวบ้านมารอต้อนรับกันตั้งแต่เช้า",
        "渡轮在停航十一年之后于星期日通过了试航将从十二月的第一个星期起再次载客前往小岛居民们都很高兴",
    ],
)
def test_scripts_without_spaces_are_cut_into_characters(text: str) -> None:
    whole = sign(text)
    assert whole.shingle_count > SHINGLES_MIN
    assert compare(whole, sign("【港】" + text)).containment == 1.0
    assert compare(whole, sign(text[: 2 * len(text) // 3])).containment == 1.0


@given(words=st.integers(40, 3_000), times=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_a_text_within_a_longer_one_is_wholly_contained(words: int, times: int, seed: int) -> None:
    inner = text_of(words, seed)
    outer = f"{text_of(words * times // 2, seed + 1)}. {inner}. {text_of(words * times // 2, seed + 2)}"
    likeness = compare(sign(inner), sign(outer))
    assert likeness.shared_count == 0 or likeness.containment == 1.0


@given(one=st.text(max_size=400), other=st.text(max_size=400))
def test_likeness_is_symmetric_and_a_share(one: str, other: str) -> None:
    a, b = sign(one), sign(other)
    likeness = compare(a, b)
    assert likeness.resemblance == compare(b, a).resemblance
    assert likeness.shared_count == compare(b, a).shared_count
    assert 0 <= likeness.resemblance <= likeness.containment <= 1


@pytest.mark.parametrize("edited", [0.05, 0.15])
def test_estimates_are_near_the_truth(edited: float) -> None:
    errors = []
    for seed in range(30):
        rng = random.Random(seed)
        before = text_of(600, seed).split()
        after = [rng.choice(WORDS) if rng.random() < edited else w for w in before]
        shingles = [{" ".join(words[i : i + 4]) for i in range(len(words) - 3)} for words in (before, after)]
        truth = len(shingles[0] & shingles[1]) / len(shingles[0] | shingles[1])
        errors.append(compare(sign(" ".join(before)), sign(" ".join(after))).resemblance - truth)
    assert abs(sum(errors) / len(errors)) < 0.03
    assert max(map(abs, errors)) < 0.3


def test_two_texts_are_compared_where_both_are_complete() -> None:
    everything = Sketch(tuple(range(1, 33)), 32)
    sample = Sketch((2, 4, 6, 8), 400)
    likeness = compare(everything, sample)
    assert (likeness.shared_count, likeness.containment) == (4, 0.5)
