"""Zones: containers whose names say that they hold something other than the article's text.

Names are read from class, id, role, data-testid and the like, split into words at hyphens, underscores and capitals,
so that `authorBio`, `author_bio` and `author-bio` are one name. The names are the web's own habits in several
languages; none belongs to a site. A zone that holds much of the text is no zone: `body_lines.void_large_zones`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from lxml.html import HtmlElement

from transforms.small_letters import small
from transforms.word_patterns import FirstOf

_ZONES: tuple[tuple[str, str], ...] = (
    (
        "caption",
        r"(?:\w*caption|figcaption|bildunterschrift|bildtext|bildnachweis|image-(?:credit|source|info)"
        r"|(?:photo|foto|picture|media|img|image|figure)-(?:caption|credits?|byline|legend|desc(?:ription)?|title)"
        r"|credits?|legende|pie-foto|pie-de-foto|photographer|absatzbild-info)",
    ),
    (
        "newsletter",
        r"(?:newsletters?|subscribe|subscription|sign-?up|mailchimp|mc-embed|mc4wp|opt-?in|email-?capture|nl-signup|inline-signup)",
    ),
    (
        "paywall",
        r"(?:paywall|regwall|piano|tp-container|meter-?wall|premium-(?:teaser|offer|hint)|plus-(?:offer|teaser)|abo-(?:box|hinweis|teaser)|subscriber-only)",
    ),
    (
        "share",
        r"(?:shar(?:e|es|ing|ethis|edaddy)|share-?(?:bar|buttons?|tools?|links?|icons?)|socials?(?:-(?:shar\w+|media|links?|icons?|bar|buttons?|follow|nav|list|wrapper|container|block|networks?))?|addthis|addtoany|a2a|follow(?:-us)?|teilen|compartir|partager)",
    ),
    (
        "author_box",
        r"(?:author-?(?:box|bio|info|card|desc(?:ription)?|about|profile|block|details|biography|footer|section|wrap|content|module)"
        r"|about-(?:the-)?authors?|saboxplugin\w*|bio|biography|contributor-?(?:bio|info)?|autor(?:en)?-?(?:box|info)|writer-bio|post-author|guest-author)",
    ),
    (
        "byline",
        r"(?:by-?lines?|article-authors?|authors?|author-(?:name|link|names)|autor|autoren|writer|reviewed-by|written-by)",
    ),
    (
        "dateline",
        r"(?:date-?line|date|datetime|time|timestamp|time-?stamp|pub(?:lished|lish)?-?(?:date|time|on)?|published|updated?|last-?(?:updated|modified)"
        r"|(?:entry|post|article|story|single|blog|content|page|byline|news)-?meta(?:-\w+)?|meta-(?:info|data|date)|meta|read(?:ing)?-?time|posted-on|datum|fecha)",
    ),
    (
        "tags",
        r"(?:tags?|tag-?(?:list|cloud|links)|tags-links|keywords|topics?|topic-list|cat(?:egory)?-?links|(?:post|entry|article)-(?:tags?|categories|topics|category)|schlagwort\w*|etiquetas|taxonomy)",
    ),
    ("breadcrumb", r"(?:bread-?crumbs?|crumbs?|yoast-breadcrumb|pfad)"),
    (
        "navigation",
        r"(?:nav|navbar|navigation|menu|sub-?nav|main-?menu|pagination|pager|page-links|post-navigation|nav-links|skip-?links?|site-header|masthead|topbar|prev-next|next-prev|post-nav)",
    ),
    (
        "related",
        r"(?:related(?:-\w+)?|relacionad[oa]s?|verwandte|correlat[ie]|recommend(?:ed|ations?|s)?|read-?(?:more|next|also)|more-(?:from|on|stories|news|in|articles|posts|like|reading|link|to-read)"
        r"|also-(?:read|like)|most-(?:read|popular|viewed)|trending|popular(?:-\w+)?|you-may(?:-\w+)*|up-next|next-(?:article|post|story|up)|prev(?:ious)?-(?:article|post|story)|further-reading|see-also"
        r"|weiterlesen|mehr-zum-thema|lire-aussi|a-lire-aussi|leer-mas|leia-tambem|outbrain|taboola|zergnet|revcontent|teasers?|(?:article|post|news|story|blog)-(?:cards?|teasers?)|latest-(?:news|posts|articles|stories)|recent-(?:posts|articles|news)|similar-(?:posts|articles)|internal-links?|article-list|post-list)",
    ),
    ("carousel", r"(?:carousel(?:-\w+)?|slick-\w+|swiper(?:-\w+)?|slideshow|owl-\w+)"),
    (
        "advertisement",
        r"(?:ads?|advert(?:s|isement|ising|orial)?|ad-(?:slot|container|wrapper|unit|block|label)|sponsor(?:ed|s|ship)?|dfp|gpt|adsense|adsbygoogle|anzeige|werbung|publicidad|publicite|affiliate-?(?:box|links?|disclosure)?|promo(?:s|tion|box|-\w+)?|banner|native-ad|partner-?box)",
    ),
    (
        "call_to_action",
        r"(?:cta(?:-\w+)?|call-?to-?action|donat(?:e|ion|ions)|support-us|lead-?(?:form|magnet|gen)|contact-?form|hs-form\w*|wpforms\w*|gform\w*|buy-?(?:box|now|button)|download-box)",
    ),
    (
        "contents_list",
        r"(?:toc|table-of-contents?|ez-toc\w*|toc-\w+|contents-list|inhaltsverzeichnis|jump-links?|on-this-page|page-toc|article-toc|lwptoc\w*)",
    ),
    ("consent", r"(?:cookies?|cookie-\w+|consent(?:-\w+)?|gdpr|cky-\w+|cmp)"),
    ("comments_rest", r"(?:comments?|comment-\w+|disqus(?:-\w+)?|respond|kommentare?|comentarios|commentaires)"),
    ("disclaimer", r"(?:disclaimers?|disclosures?|legal-?(?:notice|text)?|copyright(?:s|-\w+)?)"),
    (
        "embed",
        r"(?:twitter-tweet|tweet|instagram-media|fb-post|external-content|video-(?:player|info|meta|title)|audio-player|tiktok-embed|bluesky-embed)",
    ),
    (
        "hidden",
        r"(?:d-none|visually-hidden|screen-reader(?:-\w+)?|sr-only|is-hidden|hidden|print-only|only-print|visuallyhidden|noscript|hide)",
    ),
    (
        "sidebar",
        r"(?:side-?bar|sidebar-\w+|right-rail|left-rail|right-column|aside|footer|site-footer|page-footer|colophon)",
    ),
    ("poll", r"(?:poll|quiz|survey|rating(?:s)?|star-rating|vote|feedback|helpful|was-this-helpful|reactions?)"),
)
_FIRST = FirstOf([pattern for _, pattern in _ZONES])
_NOT_DISPLAYED = re.compile(r"display\s*:\s*none")
_FOLDS = re.compile("accordion|collaps|faq|toggle|expand|tab-?panel|details|answer|read-?more|show-?more")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ATTRIBUTES = (
    "class",
    "id",
    "data-testid",
    "data-component",
    "data-component-name",
    "data-module",
    "data-type",
    "role",
)
_STATES = frozenset(("style", "hidden", "aria-hidden"))
_NAMES_MAX = 300
"""Characters of an element's names that are looked at."""
_KNOWN_MAX = 4_096
"""Names of elements, from which on what is known of them is forgotten."""
_NAMED_BY_CONTENT = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "p", "li"))
_TAGS: dict[object, str] = {
    "figcaption": "caption",
    "nav": "navigation",
    "aside": "sidebar",
    "footer": "sidebar",
    "button": "navigation",
    "form": "call_to_action",
    "dialog": "consent",
}


def zones_of(elements: Sequence[HtmlElement]) -> list[str | None]:
    """The rule by which each element's tag, state or names take it out of the text; None for most."""
    rules = [_TAGS.get(element.tag) for element in elements]
    named: dict[str, list[int]] = defaultdict(list)
    hidden: list[int] = []
    for place, element in enumerate(elements):
        if rules[place] is not None or not (attributes := element.keys()):
            continue
        if not _STATES.isdisjoint(attributes) and _is_hidden(element):
            hidden.append(place)
        elif names := _names_of(element, attributes):
            named[names[:_NAMES_MAX]].append(place)
    for names, rule in _RULES.of(named).items():
        for place in named[names]:
            rules[place] = rule
            if rule == "hidden":
                hidden.append(place)
    for place in hidden:
        rules[place] = "folded" if _is_folded(elements[place]) else "hidden"
    return rules


def _names_of(element: HtmlElement, attributes: Sequence[str]) -> str:
    # a heading or paragraph is named by its own words: <h2 id="social-media-in-schools">
    if attributes == ["class"] or element.tag in _NAMED_BY_CONTENT:
        called: str = element.get("class", "")
        return called
    return " ".join([element.get(name, "") for name in _ATTRIBUTES if name in attributes])


def _is_hidden(element: HtmlElement) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or _NOT_DISPLAYED.search(element.get("style", "").lower()) is not None
    )


def _is_folded(element: HtmlElement) -> bool:
    """Whether a hidden element is a part of the page that opens on a click: an accordion's panel, an answer, a tab."""
    parent = element.getparent()
    around = "" if parent is None else f"{parent.get('class') or ''} {parent.get('id') or ''}"
    return _FOLDS.search(small(f"{_names_of(element, element.keys())} {around}")) is not None


class _Rules:
    """The first zone that a word of an element's names has. What is known is kept: sites repeat their names."""

    def __init__(self) -> None:
        self._known: dict[str, str | None] = {}

    def of(self, names: Iterable[str]) -> dict[str, str]:
        """The rules of those of the names that have one."""
        if len(self._known) > _KNOWN_MAX:
            self._known.clear()
        unknown = [one for one in names if one not in self._known]
        if unknown:
            self._known.update(_rules_of(unknown))
        return {one: rule for one in names if (rule := self._known[one]) is not None}


def _rules_of(names: Sequence[str]) -> dict[str, str | None]:
    """All names are one text: what takes them apart and looks for words is called once, not once for each name."""
    texts = [name if name.islower() else _CAPITAL.sub("-", name) for name in names]
    text = "\0".join([one if one.isprintable() else " ".join(one.split()) for one in texts]).lower()
    for sign in ":/.":
        text = text.replace(sign, "_")
    for sign in "-_":
        while sign * 2 in text:
            text = text.replace(sign * 2, sign)
    ranks: dict[int, int] = {}
    number = last = 0
    for place, rank in sorted(_FIRST.found_in(text.replace("_", "-"))):
        number += text.count("\0", last, place)
        last = place
        ranks[number] = min(rank, ranks.get(number, rank))
    return {name: _ZONES[ranks[number]][0] if number in ranks else None for number, name in enumerate(names)}


_RULES = _Rules()
