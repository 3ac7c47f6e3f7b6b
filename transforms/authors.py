"""Names of authors from what pages write: lists, by-lines, roles and addresses mixed.

A value is split at the words and signs that join names in several languages, each part is cleaned of what is no name,
and what remains is kept in the page's order, once. Names in any script count, also of one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from transforms.month_names import MONTHS
from transforms.plain import plain

_VALUE_MAX = 1_000
_NAME_MAX = 80
_AUTHORS_MAX = 30

_LEAD = re.compile(
    r"^(?:(?:(?:story|words|text|texte?|texto|testo|photos?|report|analysis|opinion|interview|written|posted|"
    r"published|reported|"
    r"created|by-?line|article|guest post|escrito|publicado|redigerat|geschreven|verfasst|écrit|publié|"
    r"scritto|pubblicato|ein (?:gast)?beitrag|eine analyse|ein kommentar|ein bericht)\s*)?"
    r"\b(?:by|von|vom|par|por|di|da|door|av|af|przez|od|de la|autor(?:es|in|zy)?|auteurs?|autore|author(?:s|\(s\))?|"
    r"redaktion|tekst|text|texte|texto|testo|foto|автор[иы]?|από|yazan|oleh|szerző|írta|skribent|kirjoittaja|作者|文|記者|"
    r"记者|기자|نویسنده|بقلم|כתב|מאת)"
    r"(?:\s*[:：]\s*|\s+))+",
    re.IGNORECASE,
)
_HARD_LEAD = re.compile(r"^(?:[:：\-–—|•·*©@]+|\bby\b:?)\s*", re.IGNORECASE)
_LABELLED = re.compile(r"^[^\W\d]{2,15}\s?:\s+(?=\S)")
"""A word and a colon, in any language: "Text: ", "Redaktion: "; names have none."""
_URL = re.compile(r"https?://|www\.|^/|^[\w.-]+\.(?:com|org|net|html?|php|de|fr|it|es|co\.uk)/", re.IGNORECASE)
_EMAIL = re.compile(r"\(?<?[\w.+-]+@[\w-]+\.[\w.-]+>?\)?")
_HANDLE = re.compile(r"(?<!\w)@\w+")
_ASIDE = re.compile(r"\s*(?!\([A-Z][a-z]+\) [A-Z])[(\[{（][^()\[\]{}（）]{0,200}[)\]}）]\s*")
_JOIN = re.compile(
    r"\s*(?:[;|•·＆&、，‧]|\s/\s|\s\+\s|\s[-–—]{1,2}\s|\b(?:and|und|et|y|e|och|og|ja|ve|oraz|és|şi|și|sowie|with|mit|"
    r"avec|con)\b|"
    r"(?<!\w)(?:и|та|і|и|та|και|і)(?!\w)|\sو\s?|\sו)\s*",
    re.IGNORECASE,
)
_LOWER_JOINS = frozenset(
    ("and", "und", "et", "y", "e", "och", "og", "ja", "ve", "oraz", "és", "şi", "și", "sowie", "with", "mit",
     "avec", "con")
)  # fmt: skip
_DEGREES = re.compile(
    r"^(?:m\.?d|ph\.?d|d\.?o|r\.?n|r\.?d|j\.?d|m\.?s|m\.?a|m\.?b\.?a|mph|ms|msc|bsc|mba|dds|dmd|dvm|ed\.?d|psy\.?d|np|"
    r"pa-c|pharm\.?d|rdn?|ldn|cpa|cfp®?|"
    r"esq|jr|sr|i{2,3}|iv|faap|facp|lcsw|cissp|pmp)\.?$",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"^[A-Z][A-Za-z]?[A-Z][A-Z.®-]{0,5}$")
_ROLE = re.compile(
    r"\b(?:editor|reporter|writer|correspondent|journalist|producer|columnist|contributor|director|manager|officer|"
    r"staff|"
    r"analyst|author|fellow|professor|lecturer|president|chief|specialist|expert|founder|ceo|cto|chair|head of|"
    r"redakteur(?:in)?|korrespondent(?:in)?|chefredakteur(?:in)?|journaliste?|journalistin|reporterin|redactora?|"
    r"periodista|corresponsal|"
    r"giornalista|inviato|redattore|redattrice|rédact(?:eur|rice)|reporterka|dziennikarz|dziennikarka|redaktor(?:ka)?|"
    r"журналист|корреспондент|обозреватель|редактор|кореспондент|журналіст|freelance|blogger|photographer|fotograf)\b",
    re.IGNORECASE,
)
_ROLE_END = re.compile(_ROLE.pattern + r"$", re.IGNORECASE)
_NOISE = re.compile(
    r"^(?:admin(?:istrator)?|author|authors|null|none|undefined|nan|n/?a|unknown|anonymous|user|root|test|editor|"
    r"webmaster|default|"
    r"by|updated|published|share|follow|read more|view all|posts?|about|home|login|sign in|twitter|facebook|linkedin|"
    r"instagram|email|guest)$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"[{}<>=%$\\]|\s_|_\s|__|^[\w-]+(?:\.[\w-]+){2,}$|"
    r"^_|_$|(?:^|_)(?:author|name|user|byline|field|node|title|value|site|page|post)_|"
    r"_(?:author|name|user|byline|field|node|title|value|site|page|post)$",
    re.IGNORECASE,
)
"""What a template puts where a name should be. Readers' own account names hold an underscore too: "tide_watcher"."""
_OTHER_ROLE = re.compile(
    r"(?:(?:medically |clinically |expert |last )?(?:reviewed|updated|edited|checked|translated|illustrated|"
    r"photographed|produced|fact[- ]?checked)|"
    r"photos?|illustrations?|redigiert|übersetzt) (?:by|von)\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}:\d{2}")
_ORGANISATION = re.compile(
    r"\b(?:news|press|agency|agence|agentur|agencia|agenzia|staff|team|desk|editors?|editorial|redaktion(?:en)?|"
    r"redacción|redazione|"
    r"rédaction|redação|redakcja|redakce|redactie|redaksjonen|redaktionen|toimitus|редакция|редакція|newsroom|media|"
    r"magazine|journal|times|post|"
    r"gazette|tribune|herald|inc|ltd|llc|gmbh|ag|corp|university|universität|institute|foundation|association|council|"
    r"department|ministry|committee|group|network|online|digital|tv|radio|board|reuters|afp|dpa|apa|ap|upi|ansa|efe|"
    r"tass|xinhua|"
    r"pti|ani|ians|bbc|cnn|center|centre|society|club|company|studio|services?|blog|lab|labs)\b|\.(?:com|org|net|de|"
    r"at|ch|it|fr|io)$|编辑部|通讯社|新华社|통신",
    re.IGNORECASE,
)


def split_authors(value: str) -> tuple[str, ...]:
    """The names in one text that may hold several, with by-line words, roles and addresses around them."""
    text = plain(value, _VALUE_MAX)
    if not text or _URL.search(text):
        return ()
    if len(value) > _VALUE_MAX:
        text = text.rsplit(",", 1)[0]  # the cap cut a name in two
    text = _ASIDE.sub(" ", _HANDLE.sub(" ", _EMAIL.sub(" ", text))).strip()
    text = _LEAD.sub("", _HARD_LEAD.sub("", text)).strip()
    parts: list[str] = []
    for number, joined in enumerate(_split_joins(text)):
        if number and parts and _ROLE_END.search(joined):
            continue
        parts.extend(_split_commas(joined))
    return unique(name for name in (clean_name(p) for p in parts) if name)


def one_author(value: str) -> tuple[str, ...]:
    """The name in a value that holds one by its form (a Person's `name`), or several where it plainly lists them."""
    text = plain(value, _VALUE_MAX)
    if _ORGANISATION.search(text) and "," not in text and ";" not in text and not _LEAD.match(text):
        name = clean_name(text)
        return (name,) if name else ()
    return split_authors(text)


def clean_name(text: str) -> str:
    """One name without what is no name, or "" where nothing is left that could be one."""
    name = _HARD_LEAD.sub("", text.strip(' \t,;:|/\\-–—•·*"“”«»'))
    name = _LABELLED.sub("", _LEAD.sub("", name)).strip(' ,;:|/-–—•·"“”«»').rstrip("'’")
    if not name or len(name) > _NAME_MAX or _NOISE.match(name) or _is_date(name) or _URL.search(name):
        return ""
    if _PLACEHOLDER.search(name) or _OTHER_ROLE.match(name):
        return ""
    if name.count(" ") > 2 and any(c.isdecimal() for c in name):
        return ""
    letters = sum(c.isalpha() for c in name)
    if letters < 2 or (len(name.split()) > 7):
        return ""
    if name.isupper() and name.isascii() and " " in name and letters > 6:
        name = _recased(name)
    return name


def _is_date(name: str) -> bool:
    words = [w.strip(".,").lower() for w in name.split()]
    return bool(_DATED.search(name)) or (any(w.isdecimal() for w in words) and any(w in MONTHS for w in words))


def is_organisation(name: str) -> bool:
    """Whether a name reads like a newsroom, an agency or a company rather than a person."""
    return bool(_ORGANISATION.search(name))


def unique(names: Iterable[str], limit: int = _AUTHORS_MAX) -> tuple[str, ...]:
    """`names` in order, each once whatever its case, at most `limit`."""
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault("".join(c for c in name.casefold() if c.isalnum()), name)
    return tuple(kept.values())[:limit]


def _split_joins(text: str) -> list[str]:
    parts, start = [], 0
    for match in _JOIN.finditer(text):
        word = match[0].strip()
        if word.lower() in _LOWER_JOINS and not word.islower():
            continue
        if word in {"e", "y", "i"} and not (match[0][:1].isspace() and match[0][-1:].isspace()):
            continue
        parts.append(text[start : match.start()])
        start = match.end()
    return [*parts, text[start:]]


def _split_commas(text: str) -> list[str]:
    """Parts at commas; degrees stay with their name, what follows a role goes, "Surname, Given" is turned round."""
    pieces = [p.strip(" .") if p.endswith(" .") else p.strip() for p in text.split(",")]
    found: list[str] = []
    for number, piece in enumerate(pieces):
        if not piece:
            continue
        if found and (_DEGREES.match(piece) or (_LETTERS.match(piece) and not _ORGANISATION.search(piece))):
            found[-1] = f"{found[-1]}, {piece}"
        elif number and _ROLE.search(piece):
            break
        else:
            found.append(piece)
    if len(found) == 2 and len(pieces) == 2 and all(" " not in n and n.isalpha() for n in found):
        return [f"{found[1]} {found[0]}"]
    return found


def _recased(name: str) -> str:
    return " ".join(
        w if len(w) <= 2 and w.endswith(".") else "-".join(p.capitalize() for p in w.split("-")) for w in name.split()
    )
