"""One page in, one record out: the entry point of extraction, which the pool's children call.

Everything here is a function of the page and the options: no clock, no file, no state that one page leaves for the
next. Each step is a module of its own; this one says in which order they see the page, and why that order:
comments go before metadata, so that no reader is taken for an author, and the text comes last, since it consumes the
tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from transforms.binary import is_binary
from transforms.body import Body, read_body
from transforms.coding import CodingFailure, decompress
from transforms.column import UInt32
from transforms.comments import FoundComment, Taken, take_comments, to_comments
from transforms.comments_found import Stripped
from transforms.decode import decode_html
from transforms.document import split_document
from transforms.extractor import EXTRACTOR
from transforms.fingerprint import content_hash, word_count
from transforms.forum import detect_forum
from transforms.guards import MARKUP_MAX, markup_size, parse
from transforms.language import language_of
from transforms.links import FoundLink, target_key
from transforms.metadata import Metadata, read_metadata
from transforms.minhash import METHOD, sign
from transforms.names import read_names, without
from transforms.normalize import clean_line, clean_text
from transforms.outcome import Outcome
from transforms.page import Extracted, ExtractOptions, Page, Rejected
from transforms.schema import Article, Evidence, Link, PageType, Provenance, Signature, Verdict
from transforms.site_rules import drop_matching
from transforms.structure import frame_names, signature_of
from transforms.url import article_id, host_of, registrable_domain
from transforms.walls import has_pay_marks, wall_of

TEXT_TYPES = ("text/plain", "text/markdown")
"""Media types of documents without markup."""
_VALUE_MAX = 2_000
"""Characters of one piece of evidence: enough to see what was stripped, not to store the page twice."""


def extract_page(page: Page, options: ExtractOptions) -> Extracted | Rejected:
    """The article of one archived response with its comments and evidence, or the outcome that says why there is none.

    Deterministic: the same page and options give the same record. Raises nothing for any bytes in HTML or plain text;
    what runs too long or too large is stopped from outside, by the pool.
    """
    body = decompress(page.body, page.content_encoding, limit=options.decoded_bytes_max)
    if isinstance(body, CodingFailure):
        if not body.partial or body.outcome is Outcome.TOO_LARGE:
            return Rejected(outcome=body.outcome, detail=body.detail)
        body = body.partial
    if not body or body.isspace():
        return Rejected(outcome=Outcome.EMPTY)
    decoded = decode_html(body, page.content_type)
    text = decoded.text
    if is_binary(text):
        return Rejected(outcome=Outcome.NOT_HTML, detail="binary data")
    if (page.content_type or "").strip().lower().startswith(TEXT_TYPES):
        return _from_text(page, options, text)
    return _from_html(page, options, text, body if decoded.is_verbatim else None)


def _without_names(stripped: Sequence[Stripped], options: ExtractOptions) -> tuple[Stripped, ...]:
    """Comment sections as evidence: where readers get pseudonyms, only how long they were."""
    if not options.pseudonyms:
        return tuple(stripped)
    return tuple(Stripped(part.rule, f"{len(part.text.split())} words, withheld") for part in stripped)


def _from_html(page: Page, options: ExtractOptions, markup: str, written: bytes | None) -> Extracted | Rejected:
    """`written` is the markup in UTF-8, where the page came so."""
    size = markup_size(markup)
    if size > MARKUP_MAX:
        return Rejected(outcome=Outcome.TOO_LARGE, detail=f"{size} characters of markup")
    tree, limits = parse(markup, written)
    if tree is None:
        return Rejected(outcome=Outcome.EXTRACT_EMPTY, detail="no markup")
    frame = frame_names(tree)
    structure, is_marked = signature_of(frame), has_pay_marks(frame)
    names = read_names(tree)
    thread = detect_forum(tree, names)
    taken = take_comments(tree, page, names) if thread is None else Taken((), ())
    stripped = _without_names(taken.stripped, options)
    rules = options.rules_of(page.source)
    metadata = read_metadata(tree, page, date_format=rules.date_format, named=without(names, taken.parts))
    if dropped := drop_matching(tree, rules.drop):
        stripped += dropped
        thread = detect_forum(tree) if thread is not None else None
    if thread is not None:
        body = Body(clean_text(thread.text), thread.rule)
    else:
        body = read_body(
            tree,
            base_url=page.final_url,
            title=metadata.title,
            authors=[name for name in metadata.authors if name not in metadata.organisations],
        )
    wall = wall_of(
        final_url=page.final_url,
        title=metadata.title,
        text=body.text,
        is_free=metadata.is_free,
        is_marked=is_marked,
    )
    if not body.text:
        return Rejected(outcome=Outcome.EXTRACT_EMPTY, structure=structure, wall=wall)
    evidence = [(field, Verdict.REJECTED, rule, value) for field, rule, value in metadata.candidates]
    evidence += [("text", Verdict.STRIPPED, part.rule, part.text) for part in (*stripped, *body.stripped)]
    evidence += [("text", Verdict.STRIPPED, "limit", name) for name in limits]
    page_type = metadata.page_type or PageType.ARTICLE
    read = _record(
        page,
        options,
        metadata=metadata,
        body=body,
        page_type=PageType.FORUM if thread is not None else page_type,
        found=taken.comments,
        evidence=evidence,
    )
    return replace(read, structure=structure, wall=wall)


def _from_text(page: Page, options: ExtractOptions, text: str) -> Extracted | Rejected:
    document = split_document(text)
    body = Body(clean_text(document.text), document.rule or "flattened")
    if not body.text:
        return Rejected(outcome=Outcome.EXTRACT_EMPTY)
    evidence = [("text", Verdict.STRIPPED, part.rule, part.text) for part in _without_names(document.stripped, options)]
    metadata = Metadata(title=document.title, title_rule="first_line" if document.title else None)
    return _record(
        page,
        options,
        metadata=metadata,
        body=body,
        page_type=PageType.ARTICLE,
        found=document.comments,
        evidence=evidence,
    )


def _record(
    page: Page,
    options: ExtractOptions,
    *,
    metadata: Metadata,
    body: Body,
    page_type: PageType,
    found: Sequence[FoundComment],
    evidence: Sequence[tuple[str, Verdict, str, str]],
) -> Extracted:
    key = article_id(page.final_url)
    title = _line(metadata.title)
    authors = [name for name in map(clean_line, metadata.authors) if name]
    comments = to_comments(found, key, page, options)
    article = Article(
        article_id=key,
        url=clean_line(page.url),
        final_url=clean_line(page.final_url),
        declared_canonical_url=_line(metadata.declared_canonical_url),
        next_page_url=_line(metadata.next_page_url),
        host=host_of(page.final_url),
        domain=registrable_domain(page.final_url),
        source=page.source,
        title=title,
        authors=authors,
        published_at=metadata.published_at,
        published_date=metadata.published_date,
        published_precision=metadata.published_precision,
        modified_at=metadata.modified_at,
        language=language_of(body.text, metadata.language),
        page_type=page_type,
        text=body.text,
        word_count=word_count(body.text),
        description=_line(metadata.description) or body.standfirst,
        tags=[tag for tag in map(clean_line, metadata.tags) if tag],
        section=_line(metadata.section),
        image_url=_line(metadata.image_url),
        captions=list(body.captions),
        site_name=_line(metadata.site_name),
        is_free=metadata.is_free,
        comment_count=len(comments),
        content_hash=content_hash(title, authors, metadata.published_at, body.text),
        capture_id=page.capture_id,
        captured_at=page.captured_at,
        extractor=EXTRACTOR,
        provenance=Provenance(
            title=metadata.title_rule,
            authors=metadata.authors_rule,
            published=metadata.published_rule,
            text=body.rule,
        ),
    )
    rows = tuple(
        Evidence(
            capture_id=page.capture_id,
            article_id=key,
            position=position,
            field=field,
            verdict=verdict,
            rule=rule,
            value=clean_text(value)[:_VALUE_MAX],
        )
        for position, (field, verdict, rule, value) in enumerate(evidence)
    )
    links = tuple(_link_row(found, article, position) for position, found in enumerate(body.links))
    return Extracted(article=article, comments=comments, evidence=rows, links=links, signature=_signature(article))


def _signature(article: Article) -> Signature:
    sketch = sign(article.text)
    return Signature(
        capture_id=article.capture_id,
        method=METHOD,
        shingle_count=sketch.shingle_count,
        hashes=[*map(UInt32, sketch.hashes)],
    )


def _link_row(found: FoundLink, article: Article, position: int) -> Link:
    return Link(
        capture_id=article.capture_id,
        article_id=article.article_id,
        position=position,
        url=found.url,
        host=found.host,
        domain=found.domain,
        text=found.text,
        is_internal=found.is_internal,
        is_nofollow="nofollow" in found.rel,
        is_sponsored="sponsored" in found.rel,
        is_ugc="ugc" in found.rel,
        target_key=target_key(found.url),
    )


def _line(value: str | None) -> str | None:
    return (clean_line(value) or None) if value is not None else None
