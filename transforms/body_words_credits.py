"""Lines about the article instead of its text: who wrote it and when, whose pictures, rights and interests.

In the languages of the web's larger presses; each pattern is matched against one whole line.
"""

from __future__ import annotations

from transforms.line_patterns import line, starts

BYLINE = line(r"""
    (?:by|von|par|por|di|door|av|af|autor(?:in)?|text|texte?|written by|story by|words by|redakce|oleh|от|
    автор)\s*:?\s+(?:[\w.'’\-]+[ ,&/|]*){1,10}$
""")

DATE_LINE = line(r"""
    \W*(?:(?:last |zuletzt )?(?:updated?|published|posted|modified|aktualisiert|veröffentlicht|stand|publié|
    mis à jour|actualizado|publicado|atualizado|aggiornato|pubblicato|gepubliceerd|oppdatert|publisert|opdateret|
    publicerad|uppdaterad|päivitetty|opublikowano|dipublikasikan|diperbarui|обновлено|опубликовано)(?: (?:on|at|
    am|um|le|el|em|il|på|den))?\W*)?(?=[^a-z]*(?:19|20)\d\d|.{0,24}(?:19|20)\d\d|
    \d{1,2}[.:]\d\d)(?:[\d.,:/\-– |•·+()t]|\b(?:mon|tue|wed|thu|fri|sat|sun)\w*|\b(?:mo|di|mi|do|fr|sa|so)\b|
    \b(?:am|pm|a\.m|p\.m|est|edt|et|pst|pdt|pt|gmt|utc|cet|cest|mez|mesz|bst|ist|uhr|h|at|on|um|à|às|de|del|le|el|
    kl|of|den|der|st|nd|rd|th|updated?|published|min|read|ago)\b|\b(?:jan|feb|m[aä]r|apr|ma[iyj]|jun|jul|aug|sep|
    o[ckt]t|nov|de[czs]|janv|f[eé]vr|mars|avr|juin|juil|ao[uû]t|d[eé]c|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|
    fev|mai|out|dez)\w*)+\W*$
""")

READING_TIME = starts(r"""
    (?:estimated )?(?:reading|read|listening) time\b.{0,20}$|\d{1,3}[ -]?(?:min(?:ute)?s?\.?|minuten|minutos|
    minuti|mins)(?: (?:read|lesezeit|de lecture|de lectura|de leitura|di lettura))?\W*$|(?:lesezeit|
    temps de lecture|tiempo de lectura|tempo (?:de|di) (?:leitura|lettura)|lesedauer|leestijd|lästid|
    lesetid)\b.{0,25}$|この記事は約?\d+分
""")

# Whose pictures they are.
PICTURE_CREDIT = starts(r"""
    (?:photographs?|photos?|illustrations?|images?|video|graphics?|picture|foto|bild|
    cover)s?(?: credits?)?(?: by| via| courtesy(?: of)?| used under)\b.{0,80}$|(?:image|photo|picture|foto|bild|
    credit|crédito|crédit|source image|featured image|cover image|
    thumbnail)s?(?: credits?| by| via| courtesy(?: of)?| source)?\s*[:©|].{0,90}$
""")

# Who else worked on it.
CONTRIBUTION = starts(r"""
    (?:additional )?reporting (?:by|from|was contributed)\b.{0,120}$|(?:with )?(?:files|reports?|
    additional reporting|contributions?) (?:from|by)\b.{0,90}$|[\w .,’'\-]{3,160} contributed (?:to|
    reporting)\b.{0,60}$|(?:edited|editing|translated|written|reviewed|medically reviewed|fact[- ]checked|
    compiled|produced|design(?:ed)?) by\b.{0,80}$|(?:contact|email|e-mail|write to|reach)(?: the (?:author|
    reporter|writer|editor)| staff writer| us)?\b.{0,80}@|[\w.+\-]+@[\w\-]+\.[\w.]+\W*$|(?:twitter|facebook|
    instagram)\.com/\S+\W*$|\(?(?:dpa|afp|ap|reuters|ansa|efe|apa|kna|epd|sid|ntb|tt|pap|anp|belga|ats|lusa|
    antara|xinhua|pti|ani|ians)(?:[/,\-][\w/ .\-]{1,20})?\)?\W*$|mit material (?:von|der)\b.{0,50}$|übersetz(?:t|
    ung) (?:von|aus)\b.{0,60}$|aus dem \w+ (?:übersetzt )?von\b.{0,60}$
""")

# Who owns it and where it stood first.
RIGHTS = starts(r"""
    (?:©|\(c\)|copyright\b|all rights reserved|alle rechte vorbehalten|tous droits réservés|
    todos los derechos reservados|todos os direitos reservados|tutti i diritti riservati|все права защищены)|
    this (?:article|story|post|piece|column|content|report|essay) (?:was |is |has been |
    originally )+(?:first )?(?:published|appeared|produced|adapted|republished|reprinted|sponsored|brought)\b|
    (?:originally|first) published (?:at|on|by)\b.{0,80}$|the post .{3,200} (?:appeared first|
    first appeared) on\b|the following (?:content|article) is (?:brought|sponsored)|reprints?\b.{0,40}$|
    cite (?:this|as)\b.{0,60}$|how to cite\b.{0,60}$|filed under\b|posted (?:in|on|by|under)\b.{0,80}$|(?:tags?|
    categor(?:y|ies)|schlagw[oö]rter|themen|etiquetas|mots[- ]clés)\s*:.{0,200}$|zur startseite
""")

# What it does not promise, and who pays.
DISCLOSURE = starts(r"""
    (?:disclaimers?|(?:affiliate )?disclosures?)\s*:|this (?:post|article|page|site|story|website|
    blog)[\w ]{0,20} (?:may )?contains? (?:\w+ ){0,3}affiliate|(?:some|many|all) (?:of )?(?:the |my |
    our )?(?:links|products|posts)\b.{0,80}\baffiliate|(?:we|this site|i) (?:may )?(?:earn|receive|
    get)\b.{0,60}\bcommission|we (?:independently|personally) (?:select|review|research|evaluate|test|
    recommend)\w*|we (?:buy|purchase) all the products|as an? (?:amazon|affiliate) |\*?affiliate links?\b|
    when you (?:buy|purchase|shop|click)[^.]{0,60}(?:links?|commission)|buying through (?:us|our links)|
    (?:just so you know|please note)[^.]{0,80}(?:commission|affiliate)|the (?:content|information|views|opinions|
    statements)[\w ,]{0,60} (?:contained|expressed|provided|presented) (?:in|on|by|here)\b.{0,80}(?:informational|
    educational|own|author|not (?:intended|necessarily|constitute|reflect))|gastkommentare und beiträge|
    die (?:in diesem|hier) .{0,60}meinung
""")
