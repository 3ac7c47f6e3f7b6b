"""Zones: containers whose names say that they hold something other than the article's text.

Names are read from class, id, role, data-testid and the like, split into words at hyphens, underscores and capitals,
so that `authorBio`, `author_bio` and `author-bio` are one name. The names are the web's own habits in several
languages; none belongs to a site. A zone that holds much of the text is no zone: `body_lines.void_large_zones`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from lxml.html import HtmlElement

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
_FIRST = FirstOf([pattern for _, pattern in _ZONES], end="(?:-|$)")
_NO_ZONE = len(_ZONES)
_NOT_DISPLAYED = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_FOLDS = re.compile(
    r"accordion|collaps|faq|toggle|expand|tab-?panel|details|answer|read-?more|show-?more", re.IGNORECASE
)
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATOR = re.compile(r"[_:/.]+|--+")
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
_NAMES, _STYLE, _STATE = range(3)
_STATES = {"style": _STYLE, "hidden": _STATE, "aria-hidden": _STATE}
_ASKED = {**dict.fromkeys(_ATTRIBUTES, _NAMES), **_STATES}
"""The attributes that are looked at, and as what."""
_ASKED_OF_CONTENT = {"class": _NAMES, **_STATES}
_NAMES_MAX = 300
"""Characters of an element's names that are looked at."""
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


def zone_of(element: HtmlElement) -> str | None:
    """The rule by which an element's tag, state or name takes it out of the text; None for most."""
    tag = element.tag
    rule = _TAGS.get(tag)
    if rule is not None:
        return rule
    items = element.items()
    if not items:
        return None
    # a heading or paragraph is named by its own words: <h2 id="social-media-in-schools">
    asked = _ASKED_OF_CONTENT if tag in _NAMED_BY_CONTENT else _ASKED
    is_hidden, rank, length = False, _NO_ZONE, 0
    for name, value in items:
        kind = asked.get(name)
        if kind is None:
            continue
        if kind is _NAMES:
            found = _rank_of_names(value[:_NAMES_MAX])
            rank = found if found < rank else rank
            length += len(value) + 1
        elif kind is _STYLE:
            is_hidden = is_hidden or _NOT_DISPLAYED.search(value) is not None
        elif name == "hidden" or value == "true":
            is_hidden = True
    if length > _NAMES_MAX + 1 and not is_hidden:  # the first of all names together
        rank = _rank_of_names(_names_of(items, asked)[:_NAMES_MAX])
    if not is_hidden and rank == _NO_ZONE:
        return None
    rule = "hidden" if is_hidden else _ZONES[rank][0]
    return "folded" if rule == "hidden" and _is_folded(element, _names_of(items, asked)) else rule


def _names_of(items: Sequence[tuple[str, str]], asked: Mapping[str, int]) -> str:
    attributes = dict(items)
    return " ".join([attributes[name] for name in asked if name in attributes and asked[name] is _NAMES])


def _is_folded(element: HtmlElement, names: str) -> bool:
    """Whether a hidden element is a part of the page that opens on a click: an accordion's panel, an answer, a tab."""
    parent = element.getparent()
    around = "" if parent is None else f"{parent.get('class') or ''} {parent.get('id') or ''}"
    return _FOLDS.search(f"{names} {around}") is not None


@lru_cache(maxsize=2_048)
def _rank_of_names(names: str) -> int:
    return min(map(_rank_of_name, names.split()), default=_NO_ZONE)


@lru_cache(maxsize=4_096)
def _rank_of_name(name: str) -> int:
    """The place in the list of the first zone that one name has. Attributes are many, names are few."""
    words = _SEPARATOR.sub("-", name if name.islower() else _CAPITAL.sub("-", name).lower())
    rank, place = _NO_ZONE, 0
    while True:
        found = _FIRST.number_at(words, place)
        if found is not None and found < rank:
            rank = found
        place = words.find("-", place) + 1
        if place == 0:
            return rank
