"""The text within an element."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.element_text import text_within
from transforms.guards import parse


@pytest.mark.parametrize(
    "markup",
    [
        "<p>one <b>two</b> three</p> four <p></p>five",
        "<p>&amp;amp; &unknown; &#0; &#7; &#xD800; \x07 &nbsp;&shy;</p>",
        "<table>loose<tr><td>cell<td><!-- no text --><?php none ?></table><script>var a = '<b>';</script>",
        "<svg><title>drawing</title></svg><style>p { }</style><noscript><p>no script</p></noscript>",
    ],
)
def test_it_is_what_the_pieces_make(markup: str) -> None:
    assert_pieces_of(markup)


@given(
    st.lists(st.sampled_from(("<p>", "<b>", "</b>", "<br>", "<td>", "</table>", "<ul>", "<li>")) | st.text(max_size=5))
)
def test_of_any_markup(parts: list[str]) -> None:
    assert_pieces_of("".join(parts))


def assert_pieces_of(markup: str) -> None:
    tree, _ = parse(markup)
    for element in tree.iter() if tree is not None else ():
        assert text_within(element) == "".join(map(str, element.itertext())) == element.text_content()
