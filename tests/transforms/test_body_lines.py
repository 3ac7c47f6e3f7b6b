"""Line rules: what is taken in which language, and what that looks like it stays."""

import pytest

from transforms import body_words, body_words_credits, body_words_tail
from transforms.small_letters import small

PATTERNS = {**vars(body_words), **vars(body_words_credits), **vars(body_words_tail)}

TAKEN = [
    ("POINTER", "Read more: The bridge that nobody ordered"),
    ("POINTER", "ALSO READ: Eels come back"),
    ("POINTER", "Lesen Sie auch: Der Müller schweigt"),
    ("POINTER", "À lire aussi : le pont du village"),
    ("POINTER", "Baca juga: Pasar lama dibuka lagi"),
    ("POINTER", "यह भी पढ़ें: पुल फिर खुला"),
    ("POINTER", "関連記事：橋がまた開く"),
    ("APPEAL", "Sign up for our newsletter"),
    ("APPEAL", "Follow us on Instagram and Facebook."),
    ("APPEAL", "Abonnez-vous pour lire la suite"),
    ("APPEAL", "Suscríbete a nuestro boletín"),
    ("APPEAL", "この記事は有料記事です。"),
    ("LABEL", "Advertisement"),
    ("LABEL", "Tags"),
    ("LABEL", "Next article: The mill"),
    ("LABEL", "Weiterlesen"),
    ("READING_TIME", "4 min read"),
    ("READING_TIME", "Tempo de leitura: 2 minutos"),
    ("BYLINE", "By Mira Holt and Jonas Ferber"),
    ("BYLINE", "Von Anna Sommer, Frankfurt"),
    ("DATE_LINE", "Updated: Tue., Nov. 19, 2019"),
    ("DATE_LINE", "Published 18 November 2019"),
    ("DATE_LINE", "3. Mai 2026, 14:05 Uhr"),
    ("PICTURE_CREDIT", "Photo: Valley archive"),
    ("PICTURE_CREDIT", "Image courtesy of the harbour office"),
    ("CONTRIBUTION", "Lea Brand contributed to this report."),
    ("CONTRIBUTION", "(dpa/lhe)"),
    ("RIGHTS", "© 2026 Harbour Post. All rights reserved."),
    ("DISCLOSURE", "Disclosure: we may earn a commission from links on this page."),
    ("TAIL_HEADING", "You may also like"),
    ("TAIL_HEADING", "Mehr zum Thema"),
    ("TAIL_HEADING", "Noticias relacionadas"),
    ("TAIL_HEADING", "相关阅读"),
]
STAYS = [
    ("POINTER", "Read the room, they told him, and he did."),
    ("POINTER", "More than a hundred people came."),
    ("APPEAL", "Subscribe to the view that nothing happens, and nothing will."),
    ("APPEAL", "The newsletter of the club appears once a month."),
    ("APPEAL", "Following us through the valley was a dog."),
    ("LABEL", "Tags on the trees showed the way."),
    ("LABEL", "Close to the river stands a mill."),
    ("READING_TIME", "4 minutes later the ferry came."),
    ("BYLINE", "By noon the rain had stopped, and the band began to play for those who stayed."),
    ("DATE_LINE", "In May 2019 the stage was torn away."),
    (
        "PICTURE_CREDIT",
        "Photographs of the storm hang in the town hall of Korsvik, one in each room of the upper floor there.",
    ),
    ("CONTRIBUTION", "Written rules did not exist."),
    ("RIGHTS", "Copyrighted songs were not played, for which the band was praised."),
    ("TAIL_HEADING", "Related to the mayor, but not a friend of his"),
    ("TAIL_HEADING", "Comments from the mayor were not to be had"),
]


@pytest.mark.parametrize(("pattern", "line"), TAKEN)
def test_taken(pattern: str, line: str) -> None:
    assert PATTERNS[pattern].match(small(line)) is not None


@pytest.mark.parametrize(("pattern", "line"), STAYS)
def test_stays(pattern: str, line: str) -> None:
    assert PATTERNS[pattern].match(small(line)) is None
