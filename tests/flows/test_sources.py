from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from flows.settings import Settings
from flows.source_check import check_sources
from flows.sources import Kind, load_site_rules, load_sources, read_urls, select_sources, sources_of_groups, urls_source
from transforms.page import SiteRules
from warehouse.errors import UserError

GOOD = """
[[source]]
id = "harbour"
kind = "feed"
url = "https://harbour.example/feed.xml"
include = ["/news/"]
exclude = '/sport/'
max_pages = 50
interval = "15m"
revisit_after = ["1h", "2d"]

[[source]]
id = "list"
kind = "urls"
file = "urls.txt"
"""


@pytest.fixture
def sources_file(tmp_path: Path) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(GOOD, encoding="utf-8")
    (tmp_path / "urls.txt").write_text("# ours\nhttps://a.example/1\n\n https://a.example/2 \n", encoding="utf-8")
    return path


def test_a_good_file(sources_file: Path) -> None:
    harbour, listed = load_sources(sources_file)
    assert (harbour.id, harbour.kind, harbour.urls) == ("harbour", Kind.FEED, ("https://harbour.example/feed.xml",))
    assert (harbour.max_pages, harbour.interval) == (50, timedelta(minutes=15))
    assert harbour.revisit_after == (timedelta(hours=1), timedelta(days=2))
    assert harbour.in_scope("https://harbour.example/news/1")
    assert not harbour.in_scope("https://harbour.example/news/sport/1")
    assert not harbour.in_scope("https://harbour.example/about")
    assert listed.in_scope("https://anything.example/")
    assert read_urls(listed) == ("https://a.example/1", "https://a.example/2")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[source]]\nkind = 'feed'\nurl = 'https://a.example'", "source number 1: key 'id' is missing"),
        ("[[source]]\nid = 'a'\nurl = 'https://a.example'", "source 'a': key 'kind' is missing"),
        ("[[source]]\nid = 'a'\nkind = 'fed'\nurl = 'https://a.example'", "key 'kind': 'fed' is none of feed"),
        ("[[source]]\nid = 'a'\nkind = 'feed'", "exactly one of the keys 'url', 'urls' and 'file'"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'ftp://a.example'", "key 'url': 'ftp://a.example' is not an http"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://me:pw@a.example/'", "key 'url': holds a password; send"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\ngroup = 'two words'", "key 'group': must be"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurls = []", "key 'urls': is empty"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nfile = 'x'", "key 'file': only for kind 'urls'"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\nmaxpages = 1", "unknown key 'maxpages'"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\nmax_pages = 0", "key 'max_pages'"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\nmax_pages = true", "key 'max_pages'"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\ninterval = 15", "key 'interval'"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\nrevisit_after = ['soon']", "'revisit_after'"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\ninclude = '('", "key 'include'"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\nheaders = 3", "key 'headers'"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\ndrop = ['p..x']", "not a CSS selector"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\ndrop = 3", "key 'drop'"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\ndate_format = '%d.%m.'", "needs a year"),
        ("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\ndate_format = '%d.%q.'", "knows no %q"),
        ("[[source]]\nid = 'ingest'\nkind = 'feed'\nurl = 'https://a.example'", "key 'id'"),
        ("[[source]]\nid = 'a b'\nkind = 'feed'\nurl = 'https://a.example'", "key 'id'"),
        ("[[source]]\nid = 7\nkind = 'feed'\nurl = 'https://a.example'", "key 'id'"),
        (GOOD + GOOD, "another source has the same id"),
        ("[source]\nid = 'a'", "two brackets"),
        ("source = 3", "two brackets"),
        ("[[sources]]\nid = 'a'", "unknown key 'sources'"),
        ("", "holds no [[source]] table"),
        ("[[source", "is not valid TOML"),
    ],
)
def test_a_wrong_file_gives_one_line_that_names_the_file_and_the_key(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_sources(path)
    assert str(path) in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_special_about_a_site(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    assert load_site_rules(path) == ()
    path.write_text(GOOD, encoding="utf-8")
    assert load_site_rules(path) == ()
    own = "drop = ['.teaser', 'aside > ul']\ndate_format = '%d.%m.%Y'\n"
    path.write_text(GOOD.replace('interval = "15m"\n', own), encoding="utf-8")
    assert load_site_rules(path) == (
        SiteRules(source="harbour", drop=(".teaser", "aside > ul"), date_format="%d.%m.%Y"),
    )
    path.write_text("# nothing yet", encoding="utf-8")
    assert load_site_rules(path) == ()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.toml", tmp_path, binary):
        with pytest.raises(UserError, match=str(path)):
            load_sources(path)


def test_an_unknown_id_names_the_known_ones(sources_file: Path) -> None:
    sources = load_sources(sources_file)
    assert [s.id for s in select_sources(sources, ("list",))] == ["list"]
    assert select_sources(sources, ()) == sources
    with pytest.raises(UserError, match=r"no source 'lost'; known are harbour, list"):
        select_sources(sources, ("lost",))


def test_a_list_of_urls_given_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("# nothing yet\n", encoding="utf-8")
    with pytest.raises(UserError, match="holds no URL"):
        urls_source(path)
    path.write_text("https://a.example/1\n", encoding="utf-8")
    assert read_urls(urls_source(path)) == ("https://a.example/1",)


def test_check_says_what_each_source_would_do(sources_file: Path) -> None:
    first, second = check_sources(load_sources(sources_file), Settings(), {"harbour": 160.0}, now=100.0)
    assert (first.id, first.kind, first.due) == ("harbour", "feed", "in 1 m, every 15 m")
    assert first.patterns == "+ /news/, - /sport/"
    assert first.limits == "50 pages a run, revisits after 1 h, 2 d"
    assert first.pace == "1 at a time per host, 1 s apart or more"
    assert second.due == "now, at each run"
    assert second.address.endswith("urls.txt")


def test_groups_choose_their_sources(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    table = "[[source]]\nid = '{id}'\nkind = 'feed'\nurl = 'https://{id}.example'\n"
    file.write_text(table.format(id="a") + table.format(id="b") + "group = 'nightly'\n")
    sources = load_sources(file)
    assert [s.group for s in sources] == ["default", "nightly"]
    assert [s.id for s in sources_of_groups(sources, ())] == ["a", "b"]
    assert [s.id for s in sources_of_groups(sources, ("nightly",))] == ["b"]
    assert sources_of_groups(sources, ("hourly",)) == ()
