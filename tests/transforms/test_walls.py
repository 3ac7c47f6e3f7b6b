import pytest

from transforms.schema import Wall
from transforms.walls import has_pay_marks, wall_of

LONG = "The harbour has a new crane, and everybody went to look at it. " * 40
PLAIN = {
    "final_url": "https://news.example/1",
    "title": "A new crane",
    "text": LONG,
    "is_free": None,
    "is_marked": False,
}


@pytest.mark.parametrize(
    ("what", "changes", "wall"),
    [
        ("an article", {}, None),
        ("an article about cookies", {"title": "Accept all cookies? What the law says"}, None),
        ("a short article", {"text": "The ferry is late."}, None),
        ("a dialogue in English", {"title": "Before you continue", "text": "We use cookies."}, Wall.CONSENT),
        ("a dialogue in German", {"text": "Wir verwenden auf dieser Seite Cookies."}, Wall.CONSENT),
        ("a dialogue in French", {"title": "Nous respectons votre vie privée", "text": ""}, Wall.CONSENT),
        (
            "no text at an address for consent",
            {"final_url": "https://consent.news.example/x", "text": ""},
            Wall.CONSENT,
        ),
        ("an article at such an address", {"final_url": "https://news.example/consent/law"}, None),
        ("not free", {"is_free": False}, Wall.PAYWALL),
        ("a short text beside a box", {"text": "The crane is", "is_marked": True}, Wall.PAYWALL),
        ("a long text beside a box", {"is_marked": True}, None),
        ("free and long", {"is_free": True}, None),
    ],
)
def test_walls(what: str, changes: dict[str, object], wall: Wall | None) -> None:
    assert wall_of(**{**PLAIN, **changes}) is wall  # type: ignore[arg-type]


def test_marks_of_payment_are_class_names() -> None:
    assert has_pay_marks(["article", "js-paywall-box"])
    assert not has_pay_marks(["article", "wallpaper"])


@pytest.mark.parametrize(
    "wording",
    [
        *("Before you continue", "your privacy choices", "Your cookie settings", "we value your privacy"),
        *("We and our partners use cookies", "Accept all cookies", "cookie consent", "Bevor Sie weiterlesen"),
        *("Zustimmung erforderlich", "Cookies akzeptieren", "Wir nutzen Cookies", "Datenschutz-Einstellungen"),
        *("Mit Werbung weiterlesen", "Avant de continuer", "Nous respectons votre vie privée", "Accepter les cookies"),
        *("Antes de continuar", "Valoramos tu privacidad", "Aceptar cookies", "Accetta i cookie"),
        *("Prima di continuare", "Voordat je verdergaat", "Cookies accepteren", "Zgoda na pliki cookie"),
        "クッキーの使用に同意",
    ],
)
def test_wordings_of_consent(wording: str) -> None:
    assert wall_of(**{**PLAIN, "text": f"Hello. {wording}."}) is Wall.CONSENT  # type: ignore[arg-type]
