"""The words that surround readers' comments on a page: section headings, reply links, forms, pingbacks, "X says".

Each pattern matches a whole line (or a whole short element), never a word within prose, so an article about comments
has none of them but by accident. Languages: en de fr es pt it nl sv da no fi pl cs ro hu tr ru uk el id vi ja zh ko ar he.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Chrome(StrEnum):
    """What a line says that belongs to the machinery of a comment section."""

    HEADING = "comment_heading"
    FORM = "comment_form"
    REPLY = "reply_link"
    NAV = "comment_navigation"


_COMMENT = (
    r"comments?|kommentare?n?|leserkommentare?|commentaires?|comentarios?|comentários?|commenti|commento|reacties?|"
    r"opmerkingen|kommentarer?|kommentit|kommenttia?|komentarze|komentarz[ey]?|komentarzy|komentáře|komentářů|komentár[eov]*|"
    r"comentarii|comentariu|hozzászólás(?:ok)?|yorum(?:lar)?|комментари(?:и|й|ев|я)|коментар(?:і|ів|ь)?|σχόλι[αο]|komentar|"
    r"bình luận|コメント|评论|評論|留言|댓글|تعليقات|تعليق|תגובות|responses?|replies|reactions?|réactions?|réponses?|"
    r"respuestas?|respostas?|risposte|antworten|reaktionen|discussion|diskussion|thoughts?|kommentér|comments section|"
    r"reader comments|leserbriefe|conversation"
)
_COUNT = r"(?:\(?\s?(?:\d[\d.,  ]*|no|one|two|three|four|five|eine?|une?|uno?|una|um|uma)\s?\)?)"
_HEADING = re.compile(
    rf"(?:(?:all|view|show|see|hide|top|latest|alle|tous les|todos los|todos os|tutti i|aantal)\s)?(?:{_COUNT}\s?)?"
    rf"(?:reader |user |facebook |leser-?)?(?:{_COMMENT})\s?[:.]?\s?(?:[(\[]?\d[\d.,]*[)\]]?)?"
    r"(?:\s?(?:to|on|so far|for|zu|sur|à|a|en|para|su|op|på|til|do|pro|la|về)\b.{0,160})?\s?[:»↓]?|"
    rf"{_COUNT}\s(?:thoughts?|responses?|comments?|replies|gedanken?|kommentare?|antworten|réflexions?|commentaires?|"
    r"pensamientos?|respuestas?|comentarios?|pensamentos?|comentários?|pensieri|commenti|gedachten|reacties|tankar|"
    r"svar|kommentarer|мысл(?:ь|и|ей)|przemyśleń|odpowiedzi)\s?(?:on|to|zu|sur|sobre|en|su|over|om|на|do|a|para)?\s?[“”\"«„‘'].*|"
    r"(?:what do you think|join the (?:conversation|discussion)|add your comment|have your say|diskutieren sie mit|"
    r"ihre meinung|was denken sie|participez à la discussion|únete a la conversación|dit artikel reageren)\s?[?!.:]?|"
    r"(?:comments|kommentare|commentaires|comentarios|comentários) (?:are closed|geschlossen|fermés|cerrados|fechados|off)\.?|"
    r"comm?n?e?nts?",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"(?:leave|post|add|write|submit|make) (?:a|your|an) (?:reply|comment|response|own comment)(?: to .{1,60})?(?: cancel reply)?|"
    r"cancel reply|post(?:ing)? (?:a )?new comment|speak your mind|your email address will not be published.*|"
    r"required fields are marked.*|you (?:must|need to) be logged in to .{0,30}comment.*|(?:log|sign) ?in to (?:post|leave|reply|comment).*|"
    r"save my name, email.*|notify me of .{0,60}(?:comments?|posts?).*|this site uses akismet.*|(?:your )?(?:name|email|e-mail|website|comment)"
    r"(?: address)?\s?(?:\*|\(required\)|\(will not be published.*\)|\(optional\)).*|you may use these html tags.*|"
    r"(?:schreibe?|hinterlasse|schreiben sie|verfasse) (?:einen?|eine) (?:kommentar|antwort)(?: abbrechen)?|antwort(?:en)? abbrechen|"
    r"(?:deine|ihre) e-mail-adresse wird nicht veröffentlicht.*|erforderliche felder sind .*|kommentar (?:abschicken|absenden|verfassen)|"
    r"laisser (?:un commentaire|une réponse)(?: annuler.*)?|annuler la réponse|votre adresse e-?mail ne sera pas publiée.*|"
    r"(?:deja|dejar|escribe|escribir|publicar) (?:una respuesta|un comentario)(?: cancelar.*)?|cancelar (?:la )?respuesta|"
    r"tu dirección de correo electrónico no será publicada.*|(?:deixe|deixar|escreva|publicar) (?:um comentário|uma resposta)(?: cancelar.*)?|"
    r"o seu endereço de e-?mail não será publicado.*|cancelar resposta|(?:lascia|scrivi|inserisci) (?:un commento|una risposta)(?: annulla.*)?|"
    r"annulla risposta|il tuo indirizzo e-?mail non sarà pubblicato.*|(?:geef een|laat een|plaats een) (?:reactie|antwoord|opmerking)(?: achter)?(?: .*annuleren.*)?|"
    r"het e-mailadres wordt niet gepubliceerd.*|(?:lämna|skriv) (?:ett svar|en kommentar)(?: avbryt.*)?|din e-postadress kommer inte.*|"
    r"(?:legg igjen|skriv) (?:et svar|en kommentar)(?: avbryt.*)?|kirjoita kommentti|vastaa peruuta.*|(?:dodaj|napisz|zostaw) (?:komentarz|odpowiedź).*|anuluj pisanie odpowiedzi|"
    r"twój adres e-?mail nie zostanie opublikowany.*|(?:napsat|přidat) komentář.*|zrušit odpověď.*|lasă un (?:răspuns|comentariu).*|"
    r"(?:bir )?(?:cevap|yanıt|yorum) (?:yazın|yaz|bırakın).*|(?:добавить|оставить|написать) (?:комментарий|ответ).*|отменить ответ|ваш (?:адрес )?e-?mail не будет опубликован.*|"
    r"залишити (?:коментар|відповідь).*|αφήστε (?:μια απάντηση|ένα σχόλιο).*|コメントを(?:残す|送信|書く|投稿する).*|コメントする|"
    r"发表(?:评论|回复).*|發表(?:評論|迴響|留言).*|댓글 (?:남기기|쓰기|달기).*|اترك (?:تعليق|رد).*|כתיבת תגובה.*|trả lời hủy.*|tinggalkan balasan.*",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"(?:reply|replies|reply to (?:this|comment|.{1,40})|reply ?[↓↑→›»]|respond|quote|flag|report(?: abuse| this comment| comment)?|permalink|"
    r"link to (?:this )?comment|parent|like(?: this)?|(?:thumb|vote)s? (?:up|down)|share|edit|delete|hide replies|"
    r"(?:show|view|read) (?:\d+ )?(?:more )?repl(?:y|ies)|up ?vote|down ?vote|recommend(?: this)?|"
    r"log in to reply\.?|\d+ (?:likes?|points?|pts|recs?|repl(?:y|ies)|votes?)|collapse|expand|"
    r"antworten?(?: ↓)?|zitieren|melden|gefällt mir|kommentar melden|répondre|signaler(?: un abus)?|citer|responder|citar|denunciar|"
    r"rispondi|segnala|cita|beantwoorden|reageer|antwoorden|rapporteer|svara|svar|besvara|anmäl|vastaa|odpowiedz|zgłoś|odpovědět|nahlásit|"
    r"răspunde|válasz|cevapla|yanıtla|ответить|пожаловаться|цитировать|відповісти|απάντηση|balas|trả lời|返信(?:する)?|回复|回覆|답글|رد|השב|הגב)"
    r"(?:\s?[|·•/,]\s?(?:reply|quote|report|like|share|edit|delete|permalink|flag|link))*",
    re.IGNORECASE,
)
_NAV = re.compile(
    r"(?:[«‹←<]+\s?)?(?:older|newer|previous|next|load more|show more|ältere|neuere|précédents?|suivants?|mehr|more|anteriores|"
    r"siguientes|meer) (?:comments?|kommentare(?: laden)?|commentaires|comentarios|comentários|reacties|replies)(?:\s?[»›→>]+)?|"
    r"sort(?:ed)? by(?::| ).{0,40}|(?:oldest|newest|best|most (?:popular|recent|liked)) (?:first|comments?)|"
    r"(?:trackbacks?|pingbacks?)(?:\s?(?:/|&|and)\s?(?:trackbacks?|pingbacks?))?(?:\s?\(?\d*\)?)?:?|\[(?:…|\.\.\.)\].*\[(?:…|\.\.\.)\]",
    re.IGNORECASE,
)
_PATTERNS = ((Chrome.FORM, _FORM), (Chrome.REPLY, _REPLY), (Chrome.NAV, _NAV), (Chrome.HEADING, _HEADING))

_SAYS = re.compile(
    r"(?P<name>\S.{0,60}?)\s?\b(?:says?|said|wrote|writes|commented|responded|replied|replies|asked|adds|(?:sagt|schreibt|schrieb|meint)(?: am)?|"
    r"a (?:dit|écrit)|dit|écrit|dijo|dice|escribió|comentó|respondió|disse|diz|escreveu|comentou|ha (?:detto|scritto)|scrive|scrisse|"
    r"schreef|zegt|zei|skrev|skriver|säger|sade|sier|siger|kirjoitti|sanoo|sanoi|napisał(?:\(?a\)?)?|pisze|mówi|napsal(?:\(?a\)?)?|říká|"
    r"a (?:scris|spus)|spune|írta|szerint|dedi(?: ki)?|diyor(?: ki)?|пишет|написала?|говорит|сказала?|писав|каже|λέει|έγραψε|berkata|viết|"
    r"より|说道?|說道?|さんのコメント)\s?(?:\(.{0,20}\)\s?)?(?:\.\.\.|…|:|,|：)(?:\s*$)",
    re.IGNORECASE,
)


def is_heading(text: str) -> bool:
    """Whether a short text is the heading of a comment section."""
    return bool(_HEADING.fullmatch(text.strip()))


def chrome_of(line: str) -> Chrome | None:
    """What piece of a comment section's machinery a whole line is, or None for anything else."""
    text = line.strip(" \t\r\n ·•|-–—*#")
    if not text or len(text) > 240:
        return None
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(text)), None)


def speaker_of(line: str) -> str | None:
    """The name in a line that only announces a speaker ("Ida Holm says:"), or None."""
    text = line.strip()
    found = _SAYS.match(text) if len(text) <= 90 else None
    return found["name"].strip(" ,:") if found else None
