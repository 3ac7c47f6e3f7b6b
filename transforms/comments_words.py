"""The words around readers' comments: section headings, forms, reply links, navigation, and lines like "Ida says:".

Each pattern matches a whole line or a whole short element, never a word within prose, so an article about comments has
none of them but by accident. One pattern a line, by language where words differ. `speaker_of` is for lines that only
announce who speaks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from transforms.small_letters import small


class Chrome(StrEnum):
    """What a line says that belongs to the machinery of a comment section."""

    HEADING = "comment_heading"
    FORM = "comment_form"
    REPLY = "reply_link"
    NAV = "comment_navigation"


_LINE_MAX = 240
_COMMENTS = (
    r"(?:comments?|responses?|replies|reactions?|thoughts?|kommentare?|leserkommentare?|antworten|reaktionen|"
    r"leserbriefe|"
    r"commentaires?|réactions?|réponses?|comentarios?|respuestas?|comentários?|respostas?|commenti|commento|risposte|"
    r"reacties?|opmerkingen|kommentar(?:er)?|kommentit|kommenttia?|komentarze|komentarzy?|komentáře|komentářů|"
    r"comentarii|comentariu|hozzászólás(?:ok)?|yorum(?:lar)?|комментари(?:и|й|ев|я)|коментар(?:і|ів|ь)?|σχόλι[αο]|"
    r"komentar|bình luận|コメント|评论|評論|留言|댓글|تعليقات|تعليق|תגובות)"
)
_NUMBER = r"(?:\(?\s?(?:\d[\d.,]*|no|one|two|three|four|five|eine?|une?|uno?|una|um|uma)\s?\)?)"
_HEADINGS = rf"""
(?:(?:all|view|show|see|top|latest|alle|tous les|todos l?os|tutti i)\s)?(?:{_NUMBER}\s?)?(?:(?:reader|user|facebook)\s)?{_COMMENTS}\s?[:.]?\s?(?:[(\[]?\d[\d.,]*[)\]]?)?(?:\s(?:to|on|so far|for|zu|sur|en|para|su|op|på|til|do|pro|la|về)\b.{{0,160}})?\s?[:»↓]?
{_NUMBER}\s?(?:{_COMMENTS}|gedanken?|réflexions?|pensamientos?|pensamentos?|pensieri|gedachten?|tankar?|svar|мысл(?:ь|и|ей)|odpowiedzi)\s?(?:on|to|zu|sur|sobre|en|su|over|om|на|do|a|para)?\s?[“”"«„‘'].*
{_NUMBER}\s?(?:discussion|conversation|diskussion)s?
(?:join|add to) the (?:conversation|discussion)
(?:what do you think|add your comment|have your say|diskutieren sie mit|ihre meinung|was denken sie)\s?[?!.:]?
(?:participez à la discussion|únete a la conversación|partecipa alla discussione)\s?[?!.:]?
{_COMMENTS} (?:are |sind |sont |están |estão |sono )?(?:closed|geschlossen|fermés|cerrados|fechados|chiusi|off)\.?
"""  # noqa: E501 - one pattern a line
_FORMS = r"""
(?:leave|post|add|write|submit|make) (?:a|your|an) (?:reply|comment|response)(?: to .{1,60})?(?: cancel reply)?
cancel reply|post(?:ing)? (?:a )?new comment|speak your mind
your email address will not be published.*|required fields are marked.*|this site uses akismet.*
you (?:must|need to) be logged in to .{0,30}comment.*|(?:log|sign) ?in to (?:post|leave|reply|comment).*
save my name, email.*|notify me of .{0,60}(?:comments?|posts?).*|you may use these html tags.*
(?:your )?(?:name|e-?mail|website|comment)(?: address)?\s?(?:\*|\(required\)|\(will not be published.*\)|\(optional\)).*
(?:schreibe?|hinterlasse|schreiben sie|verfasse) (?:einen?|eine) (?:kommentar|antwort)(?: abbrechen)?
antwort(?:en)? abbrechen
(?:deine|ihre) e-mail-adresse wird nicht veröffentlicht.*|erforderliche felder sind .*
kommentar (?:abschicken|absenden|verfassen)
laisser (?:un commentaire|une réponse)(?: annuler.*)?|annuler la réponse|votre adresse e-?mail ne sera pas publiée.*
(?:deja|dejar|escribe|escribir|publicar) (?:una respuesta|un comentario)(?: cancelar.*)?|cancelar (?:la )?respuesta
tu dirección de correo electrónico no será publicada.*
(?:deixe|deixar|escreva|publicar) (?:um comentário|uma resposta)(?: cancelar.*)?|cancelar resposta
o seu endereço de e-?mail não será publicado.*
(?:lascia|scrivi|inserisci) (?:un commento|una risposta)(?: annulla.*)?|annulla risposta
il tuo indirizzo e-?mail non sarà .*
(?:geef een|laat een|plaats een) (?:reactie|antwoord|opmerking)(?: achter)?(?: .*annuleren.*)?
het e-mailadres wordt niet .*
(?:lämna|skriv) (?:ett svar|en kommentar)(?: avbryt.*)?|din e-postadress kommer inte.*
(?:legg igjen|skriv) (?:et svar|en kommentar)(?: avbryt.*)?|kirjoita kommentti|vastaa peruuta.*
(?:dodaj|napisz|zostaw) (?:komentarz|odpowiedź).*|anuluj pisanie odpowiedzi|twój adres e-?mail nie zostanie .*
(?:napsat|přidat) komentář.*|zrušit odpověď.*|lasă un (?:răspuns|comentariu).*
(?:bir )?(?:cevap|yanıt|yorum) (?:yazın|yaz|bırakın).*
(?:добавить|оставить|написать) (?:комментарий|ответ).*|отменить ответ|ваш (?:адрес )?e-?mail не будет опубликован.*
залишити (?:коментар|відповідь).*|αφήστε (?:μια απάντηση|ένα σχόλιο).*|tinggalkan balasan.*|trả lời hủy.*
コメントを(?:残す|送信|書く|投稿する).*|コメントする
发表(?:评论|回复).*|發表(?:評論|迴響|留言).*|댓글 (?:남기기|쓰기|달기).*
اترك (?:تعليق|رد).*|כתיבת תגובה.*
"""
_REPLIES = r"""
reply|replies|reply to [\w.@-]+(?: [\w.@-]+){0,2}|reply ?[↓↑→›»]|respond|quote|flag|parent|permalink|share|edit|delete
report(?: abuse| this comment| comment)?|link to (?:this )?comment|like(?: this)?|(?:thumb|vote)s? (?:up|down)
(?:up|down) ?vote
hide replies|(?:show|view|read) (?:\d+ )?(?:more )?repl(?:y|ies)|recommend(?: this)?|log in to reply\.?|collapse|expand
\d+ (?:likes?|points?|pts|recs?|repl(?:y|ies)|votes?)|\d+ repl(?:y|ies) beneath your current threshold\.?
antworten?(?: ↓)?|zitieren|melden|gefällt mir|kommentar melden|répondre|signaler(?: un abus)?|citer|responder|citar
denunciar
rispondi|segnala|cita|beantwoorden|reageer|antwoorden|rapporteer|svara|svar|besvara|anmäl|vastaa|odpowiedz|zgłoś
odpovědět|nahlásit|răspunde|válasz|cevapla|yanıtla|ответить|пожаловаться|цитировать|відповісти|απάντηση|balas|trả lời
返信(?:する)?|回复|回覆|답글|رد|השב|הגב
(?:reply|quote|report|like|share|edit|delete|permalink|flag|link)(?:\s?[|·•/,]\s?(?:reply|quote|report|like|share|flag|link))+
"""
_NAVIGATION = r"""
(?:[«‹←<]+\s?)?(?:older|newer|previous|next|load more|show more) (?:comments?|replies)(?:\s?[»›→>]+)?
(?:[«‹←<]+\s?)?(?:ältere|neuere|weitere|mehr) kommentare(?: laden)?(?:\s?[»›→>]+)?|commentaires (?:précédents|suivants)
comentarios (?:anteriores|siguientes)|comentários (?:anteriores|seguintes)|(?:oudere|nieuwere|meer) reacties
sort(?:ed)? by(?::| ).{0,40}|(?:oldest|newest|best|most (?:popular|recent|liked)) (?:first|comments?)
(?:trackbacks?|pingbacks?)(?:\s?(?:/|&|and)\s?(?:trackbacks?|pingbacks?))?(?:\s?\(?\d*\)?)?:?
\[(?:…|\.\.\.)\].*\[(?:…|\.\.\.)\]
"""


def _any(patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns.split("\n")[1:-1]))


_HEADING = _any(_HEADINGS)
_HEADING_AMONG = re.compile(f"\x00(?:{_HEADING.pattern})\n")
_PATTERNS = (
    (Chrome.FORM, _any(_FORMS)),
    (Chrome.REPLY, _any(_REPLIES)),
    (Chrome.NAV, _any(_NAVIGATION)),
    (Chrome.HEADING, _HEADING),
)
_VERBS = r"""
says?|said|wrote|writes|commented|responded|replied|replies|adds|(?:sagt|schreibt|schrieb|meint)(?: am)?
a (?:dit|écrit)|dit|écrit
dijo|dice|escribió|comentó|respondió|disse|diz|escreveu|comentou|ha (?:detto|scritto)|scrive|schreef|zegt|zei|skrev
skriver
säger|sade|sier|siger|kirjoitti|sanoo|sanoi|napisał(?:\(?a\)?)?|pisze|mówi|napsal(?:\(?a\)?)?|říká|a (?:scris|spus)
spune|írta
szerint|dedi(?: ki)?|diyor(?: ki)?|пишет|написала?|говорит|сказала?|писав|каже|λέει|έγραψε|berkata|viết|より|说道?|說道?
さんのコメント
"""
_SAYS = re.compile(
    rf"(?P<name>\S.{{0,60}}?)\s?\b(?:{'|'.join(_VERBS.split(chr(10))[1:-1])})\s?(?:\(.{{0,20}}\)\s?)?(?:\.\.\.|…|:|,|"
    rf"：)\s*$"
)
_EDGES = "·•|*#–—-" + "".join(filter(str.isspace, map(chr, range(0x3001))))


def chrome_of(line: str) -> Chrome | None:
    """What piece of a comment section's machinery a whole line is, or None for anything else."""
    if len(line) > _LINE_MAX:
        return None
    text = small(line.strip(_EDGES))
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(text)), None) if text else None


def headings_among(texts: Sequence[str]) -> list[int]:
    """The places of those of some short texts that are headings of a comment section."""
    if _HEADING_AMONG.search(small("\x00" + "\n\x00".join(texts) + "\n")) is None:  # as on most pages
        return []
    return [place for place, text in enumerate(texts) if _HEADING.fullmatch(small(text))]


def speaker_of(line: str) -> str | None:
    """The name in a line that only announces a speaker ("Ida Holm says:"), or None."""
    text = line.strip()
    found = _SAYS.match(small(text)) if len(text) <= 90 else None
    return text[found.start("name") : found.end("name")].strip(" ,:") if found else None
