"""What stands between the headline and the text, boxes within it, and captions that only say so."""

import pytest
from lxml.html import document_fromstring

from transforms.body_align import align
from transforms.body_asides import aside_lines
from transforms.body_blocks import key_of, read_blocks
from transforms.body_captions import read_captions
from transforms.body_head import head_lines
from transforms.body_place import Context, places
from transforms.body_zones import zones_of

TITLE = "The mill at Korsvik turns again"
PARAGRAPHS = [
    "The mill at Korsvik ground its first sack of rye on Monday, nine years after the great storm took its sails.",
    "Forty people stood in the yard and waited for the wind, which came at noon and left again at a quarter past.",
    "The miller, who is eighty-one, said that he had slept badly and that the stones had never sounded better.",
    "Bread from the first flour is sold on Saturday at the harbour, one loaf for each house that gave a plank.",
]
TEXT = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
AUTHORS = ("Mira Holt", "水城 千尋")


def head_rules(head: str, lines: list[str], *, above: str = "") -> dict[str, str]:
    tree = document_fromstring(f"<body>{above}<h1>{TITLE}</h1>{head}<div>{TEXT}</div></body>")
    blocks = read_blocks(tree, zones_of)
    shown = align([*lines, *PARAGRAPHS], blocks)
    context = Context(key_of(TITLE), frozenset((key_of(TITLE),)), tuple(map(key_of, AUTHORS)))
    found = head_lines(shown, places(shown, blocks, context), blocks, context)
    return {shown[n].text: rule for n, rule in found.items()}


@pytest.mark.parametrize(
    "line",
    [
        "2026年11月10日 09時30分 水城 千尋",
        "Mira Holt 9 de noviembre de 2026, 8:10",
        "Publié le 8 octobre 2026 à 6h30",
        "Posted on May 3, 2026 at 9:15 am",
        "Korsvik, den 3 maj 2026",
        "١١ نوفمبر ٢٠٢٦ - ٠٧:٣٠",
    ],
)
def test_a_date_with_names_and_hardly_a_word_is_a_date_line(line: str) -> None:
    assert head_rules(f"<p>{line}</p>", [line]) == {line: "date_line"}


@pytest.mark.parametrize(
    "line",
    [
        "It began on May 3, 2026.",
        "On 3 May 2026 the wind turned at Korsvik",
        "Nobody came.",
    ],
)
def test_a_sentence_with_a_date_is_none(line: str) -> None:
    assert head_rules(f"<p>{line}</p>", [line]) == {}


def test_a_date_below_the_first_paragraph_is_text() -> None:
    tree = document_fromstring(f"<body><h1>{TITLE}</h1><div>{TEXT}<p>3 May 2026</p></div></body>")
    blocks = read_blocks(tree, zones_of)
    shown = align([*PARAGRAPHS, "3 May 2026"], blocks)
    context = Context(key_of(TITLE), frozenset(), ())
    assert head_lines(shown, places(shown, blocks, context), blocks, context) == {}


def test_what_stands_above_the_headline_is_no_text() -> None:
    claim = "News of the fjord and of those who left it"
    assert head_rules("", [claim], above=f"<div><p>{claim}</p></div>") == {claim: "above_heading"}


def test_paragraphs_above_a_headline_in_their_midst_stay() -> None:
    tree = document_fromstring(f"<body><div>{TEXT}<h1>{TITLE}</h1>{TEXT.replace('Korsvik', 'Skarne')}</div></body>")
    blocks = read_blocks(tree, zones_of)
    shown = align([*PARAGRAPHS, *(p.replace("Korsvik", "Skarne") for p in PARAGRAPHS)], blocks)
    context = Context(key_of(TITLE), frozenset(), ())
    assert head_lines(shown, places(shown, blocks, context), blocks, context) == {}


def aside_rules(part: str) -> list[tuple[str, str]]:
    blocks = read_blocks(document_fromstring(f"<body><div>{TEXT}{part}</div></body>"), zones_of)
    shown = align([b.text for b in blocks], blocks)
    return [(shown[n].text, rule) for n, rule in aside_lines(shown, blocks).items()]


@pytest.mark.parametrize(
    ("part", "taken"),
    [
        (
            '<div class="x"><b>Brevet</b> Det bästa ur fjorden varje söndag. <a href="/b">Ja tack</a></div>',
            [("Brevet Det bästa ur fjorden varje söndag. Ja tack", "linked_box")],
        ),
        (
            "<div><strong>The letter</strong><br>All of the fjord, once a week. <a href='/l'>Sign me up</a> →</div>",
            [("The letter", "linked_box"), ("All of the fjord, once a week. Sign me up →", "linked_box")],
        ),
        (
            "<div>【お知らせ】朝の便り配信中。<br><a href='/m'>登録はこちら</a></div>",
            [("【お知らせ】朝の便り配信中。", "linked_box"), ("登録はこちら", "linked_box")],
        ),
        (
            '<p>Tagged <a rel="tag" href="/t/m">mills</a> <a rel="tag" href="/t/k">Korsvik</a></p>',
            [("Tagged mills Korsvik", "tag_line")],
        ),
        ("<div><b>Tip</b> The stones may be seen on Sundays, see <a href='/s'>the plan</a>.</div>", []),
        ("<div><b>Tip</b> The stones may be seen on Sundays, see also <a href='/s'>the plan</a></div>", []),
        ("<p><b>Note</b> The plan of the mill hangs in <a href='/s'>the hall</a></p>", []),
        (
            '<p>The <a rel="tag" href="/t/m">mill</a> had been for sale since the storm, and nobody wanted it.</p>',
            [],
        ),
        ("<div>The miller has written to <a href='/c'>the council</a></div>", []),
    ],
)
def test_boxes_with_a_link_and_tags_are_told_by_their_make(part: str, taken: list[tuple[str, str]]) -> None:
    assert aside_rules(part) == taken


def test_a_box_needs_paragraphs_around_it() -> None:
    empty = "<p> </p>" * 4
    tree = document_fromstring(f"<body><div>{empty}<div><b>Mill</b> Korsvik 4 <a href='/m'>Map</a></div></div></body>")
    blocks = read_blocks(tree, zones_of)
    assert aside_lines(align([b.text for b in blocks], blocks), blocks) == {}


@pytest.mark.parametrize(
    ("part", "captions"),
    [
        (
            '<div><img src="/m.png"><br>【写真】風車の前に立つ水車番。</div>',
            [("https://p.example/m.png", "風車の前に立つ水車番。")],
        ),
        ('<div><img src="/m.png"><br>Search</div>', []),
        ("<div>【写真】風車の前に立つ水車番。</div>", []),
    ],
)
def test_a_text_beside_a_picture_is_a_caption_where_it_says_so(part: str, captions: list[tuple[str, str]]) -> None:
    blocks = read_blocks(document_fromstring(f"<body><h1>{TITLE}</h1>{part}<div>{TEXT}</div></body>"), zones_of)
    found = read_captions(blocks, align(PARAGRAPHS, blocks), "https://p.example/")
    assert [(c.image_url, c.text) for c in found] == captions
