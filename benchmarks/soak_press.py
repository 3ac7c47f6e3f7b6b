"""The demo press with a stock of articles for every minute of a soak: each paper prints one in each edition.

Sentences are drawn from the paper's own articles, so language, template and dates are the paper's; a place and a number
that no other article has stand in each sentence, so that no two of them are near-duplicates.
"""

from __future__ import annotations

import dataclasses
import random
import re
from datetime import timedelta

from demo.articles import FIRST_EDITION_AT, Article, Site, load_sites

SENTENCES = 14
_SENTENCE = re.compile(r"[^.!?。！？؟\n]+[.!?。！？؟]+")


def stocked(editions: int, seed: int = 1) -> tuple[Site, ...]:
    """Every site with one article more in each edition from 2 to `editions`."""
    return tuple(
        dataclasses.replace(site, articles=(*site.articles, *_articles(site, editions, seed))) for site in load_sites()
    )


def _articles(site: Site, editions: int, seed: int) -> list[Article]:
    rng = random.Random(f"{site.id} {seed}")
    plain = [a for a in site.articles if not (a.is_walled or a.is_thread or a.is_disallowed or a.gone)]
    sentences = [s.strip() for a in plain for s in _SENTENCE.findall(a.body) if len(s.strip()) > 30 and "[[" not in s]
    made = []
    for edition in range(2, editions + 1):
        model = rng.choice(plain)
        drawn = [f"{s[:-1]} ({edition}-{rng.randrange(10_000)}){s[-1]}" for s in rng.choices(sentences, k=SENTENCES)]
        paragraphs = [" ".join(drawn[i : i + 3]) for i in range(0, SENTENCES, 3)]
        slug = f"soak-{edition}"
        made.append(
            dataclasses.replace(
                model,
                slug=slug,
                path=f"{model.path.rstrip('/').rpartition('/')[0]}/{slug}",
                title=f"{model.title} {edition}",
                # an hour apart: by days they would soon lie in the future, and such dates are rightly not believed
                published=(FIRST_EDITION_AT + timedelta(hours=edition)).astimezone(model.published.tzinfo),
                body="\n\n".join(paragraphs) + "\n",
                standfirst="",
                caption="",
                modified=None,
                note="",
                feed_link=None,
                edition=edition,
                changes=(),
                remarks=(),
            )
        )
    return made
