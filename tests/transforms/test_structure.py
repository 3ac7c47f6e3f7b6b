import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.guards import parse
from transforms.structure import distance, frame_names, is_same_template, signature_of, templates_of


def page(classes: Sequence[str], *, extra: str = "", body: str = "<p>Words.</p>") -> int | None:
    inner = "".join(f'<div class="{name}">' for name in classes[:3]) + body + "</div>" * 3
    markup = "".join(f'<section class="{name} {extra}"></section>' for name in classes[3:])
    tree, _ = parse(f"<html><body>{inner}{markup}</body></html>")
    assert tree is not None
    return signature_of(frame_names(tree))


OLD_WORDS = ("page", "main", "story", "head", "lead", "text", "aside", "foot", "nav", "menu", "share", "tags", "more")
NEW_WORDS = ("root", "grid", "card", "title", "intro", "copy", "rail", "end", "bar", "list", "send", "about", "next")
OLD, NEW = [f"old-{word}" for word in OLD_WORDS], [f"relaunch__{word}" for word in NEW_WORDS]


def test_articles_of_one_template_are_alike() -> None:
    first, second = page(OLD), page(OLD, extra="gallery", body='<p class="x">Other words</p>')
    assert first is not None
    assert second is not None
    assert is_same_template(first, second)


def test_a_relaunch_is_another_template() -> None:
    first, second = page(OLD), page(NEW)
    assert first is not None
    assert second is not None
    assert not is_same_template(first, second)


def test_numbers_in_names_do_not_count() -> None:
    assert page([*OLD, "post-1234"]) == page([*OLD, "post-98"])


def test_a_page_without_classes_is_told_by_its_tags() -> None:
    def bare(markup: str) -> int | None:
        tree, _ = parse(markup)
        assert tree is not None
        return signature_of(frame_names(tree))

    table = bare(
        "<html><body><table><tr><td><b>x</b></td></tr></table><hr><center><font>y</font></center></body></html>"
    )
    plain = bare(
        "<html><head><title>t</title></head><body><main data-a=1><article><p>x</p></article></main></body></html>"
    )
    again = bare(
        "<html><head><title>u</title></head><body><main data-a=2><article><p>z</p></article></main></body></html>"
    )
    assert table is not None
    assert plain is not None
    assert plain == again
    assert not is_same_template(table, plain)


def test_a_page_that_says_nothing_has_no_signature() -> None:
    tree, _ = parse("<p>x</p>")
    assert tree is not None
    assert signature_of(frame_names(tree)) is None


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Zs", "Cc"]), min_size=1), max_size=300))
def test_a_signature_fits_a_signed_number_and_does_not_depend_on_order(names: list[str]) -> None:
    signature = signature_of(set(names))
    shuffled = random.Random(0).sample(names, len(names))
    assert signature == signature_of(set(shuffled))
    assert signature is None or -(1 << 63) <= signature < 1 << 63


@given(st.integers(-(1 << 63), (1 << 63) - 1), st.integers(-(1 << 63), (1 << 63) - 1))
def test_distance_is_one(one: int, other: int) -> None:
    assert distance(one, other) == distance(other, one) <= 64
    assert distance(one, one) == 0


@pytest.mark.parametrize("seed", range(3))
def test_templates_are_the_same_in_any_order_and_the_largest_first(seed: int) -> None:
    rng = random.Random(seed)
    one, other = rng.getrandbits(63), rng.getrandbits(63)
    counts = {one: 5, one ^ 1: 2, one ^ 6: 1, other: 3}
    found = templates_of(counts)
    assert [(t.signature, t.page_count) for t in found] == [(one, 8), (other, 3)]
    mixed = dict(rng.sample(sorted(counts.items()), len(counts)))
    assert templates_of(mixed) == found
