"""What elements are called, read once: classes, ids, rels, schema.org attributes, tags."""

from lxml.html import document_fromstring

from transforms.names import read_names, without

PAGE = """<html><head><link rel="Next Prefetch" href="/2"><link rel="" href="/"></head><body class="a">
<div class="a b" id="one"><a rel="next" href="/2">x</a><a rel="nextpage" href="/3">y</a></div>
<p class="" id="">z</p><p itemprop="author">Ida</p><p itemprop="" itemtype="">w</p>
<section itemtype="https://schema.org/Comment" class="b"><h1 id="two">v</h1></section></body></html>"""


def test_names_of_a_page() -> None:
    tree = document_fromstring(PAGE)
    names = read_names(tree)
    body, division, first, second = [tree.find("body"), *tree.iter("div"), *tree.iter("a")]
    assert {name: [names.elements[n] for n in at] for name, at in names.classes.items()} == {
        "a": [body],
        "a b": [division],
        "b": list(tree.iter("section")),
    }
    assert list(names.ids) == ["one", "two"]
    assert names.of("a") == [first, second]
    assert names.of("h1", "a", "div") == [division, first, second, *tree.iter("h1")]
    assert names.related("next") == [next(tree.iter("link")), first]
    assert [(one.element.tag, one.itemprop, one.itemtype) for one in names.declared] == [
        ("p", "author", None),
        ("section", None, "https://schema.org/Comment"),
    ]


def test_names_without_a_part() -> None:
    tree = document_fromstring(PAGE)
    left = without(read_names(tree), [next(tree.iter("div")), next(tree.iter("section"))])
    assert list(left.classes) == ["a"]
    assert not left.ids
    assert left.of("a", "h1") == []
    assert [one.tag for one in left.related("next")] == ["link"]
    assert [one.itemprop for one in left.declared] == ["author"]
