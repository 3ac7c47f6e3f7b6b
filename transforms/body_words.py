"""Words that publishers put around an article, by what they do, in the languages of the web's larger presses.

Each pattern is matched against one whole line, from its start or over its whole length, never searched for within a
paragraph: an article about newsletters keeps its sentences. Longer lines must say more than a word to be taken.
"""

from __future__ import annotations

import re


def _start(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{'|'.join(alternatives)})", re.IGNORECASE)


def _whole(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{'|'.join(alternatives)})\W*$", re.IGNORECASE)


# "Read more: another story" and its kin: the colon or bracket, or a link over the line, makes it a pointer.
POINTER = _start(
    r"(?:also|must|next)?[- ]?read(?: (?:more|also|next|this|now|on|the full \w+))?\s*[:|»›>\-–—]",
    r"(?:see|watch|listen|hear)(?: also| more| now)?\s*:",
    r"more(?: (?:on this|from|on|news|stories|info\w*))?\s*:",
    r"related(?: (?:articles?|stor(?:y|ies)|content|posts?|reading|coverage|topics?|links?|news|videos?))?\s*[:|]",
    r"(?:also|more) on [\w.\-]+\.\w{2,4}\b",
    r"don['’]t miss\s*[:|]",
    r"(?:lesen sie|lies) (?:auch|hier|dazu|mehr)", r"mehr (?:zum thema|dazu|lesen)\b", r"(?:siehe|lesen) auch\s*:", r"das könnte (?:sie|dich) auch",
    r"(?:lire|à lire|a lire|voir|écouter) (?:aussi|également|plus)\b", r"à lire\s*:", r"sur le même sujet",
    r"(?:lea|lee|leer|ver|vea|mira)(?: también| más| además)\b", r"te puede interesar", r"también te puede", r"más información\s*:",
    r"leia (?:também|mais|ainda)", r"veja (?:também|mais)", r"saiba mais", r"confira também",
    r"leggi (?:anche|qui|di più)", r"potrebbe interessarti", r"guarda (?:anche|il video)",
    r"lees (?:ook|meer|verder)", r"læs (?:også|mere)", r"les (?:også|mer)", r"läs (?:också|även|mer)", r"lue (?:myös|lisää)",
    r"(?:czytaj|zobacz|przeczytaj) (?:także|też|również|więcej)", r"czytaj (?:też|więcej)",
    r"читайте (?:также|ещё|еще)", r"смотрите также", r"читайте також", r"čtěte také", r"přečtěte si", r"baca juga", r"simak juga",
    r"(?:bunu da|ayrıca) oku", r"xem thêm", r"関連(?:記事|リンク|ニュース)", r"あわせて読みたい", r"(?:相关|延伸)(?:阅读|閱讀|新闻|报道)", r"相關(?:新聞|報導)", r"更多(?:新闻|内容)",
    r"관련\s?기사", r"اقرأ (?:أيضا|المزيد)", r"إقرأ أيضا", r"قراءة المزيد", r"קראו (?:גם|עוד)", r"यह भी पढ़ें", r"ये भी पढ़ें", r"также по теме",
)

# Asking for an address, a subscription, a download, a like.
APPEAL = _start(
    r"sign[- ]?up (?:for|to|now|today|here|below)\b", r"subscribe(?: now| today| here)?\b(?! to the)", r"subscribe to (?:our|the|my)\b",
    r"(?:get|receive|want) (?:the |our |more |all the |\w+['’]s )?(?:day['’]s |latest |daily |weekly |top |best |breaking )?(?:[\w ]{0,25} )?(?:delivered|in your inbox|to your inbox|newsletters?\b)",
    r"join (?:our|the|over|more than|\d[\d,.]*)[\w ,.]{0,40}(?:newsletter|subscribers|mailing list|community|members|readers)",
    r"(?:our|the) (?:free |daily |weekly )*newsletter\b", r"was this (?:newsletter|email) forwarded", r"newsletter$",
    r"(?:follow|like|find|join|connect with) (?:us|me|him|her|them|@?\w+(?: \w+){0,3}) on (?:social|facebook|twitter|x\b|instagram|linkedin|youtube|telegram|whatsapp|tiktok|google|bluesky|mastodon|threads)",
    r"follow (?:us|@\w+|me)\b", r"(?:click|tap) here (?:to|for)\b", r"(?:click|tap) (?:here|below)\W*$", r"download (?:our|the) (?:free )?(?:\w+ )?app\b", r"get the [\w ]{1,30} app\b",
    r"(?:like|enjoy(?:ed|ing)?|love[d]?) (?:this|what you)\b.{0,80}\?", r"if you (?:liked|enjoyed|found) (?:this|our)\b.{0,60}(?:share|subscri|consider|sign|follow|newsletter|pin it|useful)",
    r"share (?:this|on|your|the (?:article|story|post|love))\b.{0,60}$", r"(?:please )?(?:leave|post|drop) (?:a|your) comment", r"let us know (?:in the comments|what you think)",
    r"have a (?:story|news)? ?(?:tip|question)\b", r"(?:got|have) (?:a )?(?:news )?tip\b", r"rate this\b", r"was this (?:article|page|helpful)", r"(?:please )?(?:log|sign) in\b", r"create (?:a|your) (?:free )?account",
    r"(?:ready to|want to) [^.!?]{5,90}\?\s*(?:\W*(?:get started|try|book|contact|sign up|schedule|call|learn|join|download|start)\b.{0,100})?$",
    r"(?:book|schedule|request|get|try|start) (?:a|your|our|for)? ?(?:free )?(?:demo|trial|quote|consultation|estimate)\b", r"contact us\b", r"call (?:us|now|today)\b", r"(?:shop|buy|order|book) now\b", r"learn more(?: about)?\b.{0,60}$",
    r"support (?:our|us|the|independent|quality)\b.{0,90}$", r"donate\b", r"become a (?:member|subscriber|patron|supporter)", r"continue reading\b", r"read the (?:full|original|rest)\b.{0,60}$", r"view (?:all|more|author|comments)\b", r"show (?:more|less|comments)\b", r"see (?:more|all)\b.{0,30}$", r"load more",
    r"(?:jetzt |hier )?(?:abonnieren|anmelden|registrieren|newsletter)\b", r"(?:hier|jetzt) (?:geht['’]?s|klicken|bestellen|testen)\b", r"melden sie sich\b", r"folgen sie uns", r"ihre meinung ist uns wichtig", r"diesen artikel teilen", r"jetzt (?:teilen|kommentieren)", r"empfohlener redaktioneller inhalt", r"an dieser stelle finden sie", r"ich bin damit einverstanden, dass mir",
    r"abonnez-vous", r"inscrivez-vous", r"suivez[- ](?:nous|notre)", r"partager (?:cet|sur|l)", r"recevez\b", r"s['’]abonner", r"cet article est réservé", r"il vous reste",
    r"suscr[íi]b\w*", r"síguenos", r"regístrate", r"comparte (?:esta|este|en)\b", r"compartir\b", r"sigue (?:toda|a|nuestr)", r"recibe\b", r"únete\b",
    r"inscreva-se", r"assine\b", r"siga (?:o|a|nos|nosso)", r"compartilhe", r"receba\b", r"cadastre-se", r"baixe\b",
    r"iscriviti", r"abbonati", r"seguici", r"condividi", r"registrati",
    r"schrijf je in", r"abonneer", r"meld je aan", r"volg ons", r"prenumerera", r"følg oss", r"abonner\b", r"tilaa\b", r"zapisz się", r"подпи(?:шитесь|сывайтесь|шись)", r"підпи(?:шіться|суйтесь)", r"abone ol", r"takip edin", r"ikuti\b.{0,50}(?:kami|channel|saluran)", r"dapatkan\b.{0,40}(?:berita|update)",
    r"有料会員", r"会員(?:限定|登録)", r"この記事は(?:有料|会員)", r"続きを読む", r"無料(?:登録|会員)", r"残り\d+文字", r"【.{0,12}キャンペーン】", r"订阅", r"訂閱", r"关注我们", r"扫码", r"구독", r"اشترك", r"تابعونا", r"הירשמו", r"סקרייב",
)

# Who else worked on it, who owns it, what it does not promise.
CREDIT = _start(
    r"(?:additional )?reporting (?:by|from|was contributed)\b", r"(?:with )?(?:files|reports?|additional reporting|contributions?) (?:from|by)\b.{0,90}$", r"[\w .,’'\-]{3,160} contributed (?:to|reporting)\b.{0,60}$",
    r"(?:edited|editing|translated|written|reviewed|medically reviewed|fact[- ]checked|compiled|photographs?|photos?|illustrations?|images?|video|graphics?|produced|design(?:ed)?) by\b.{0,80}$",
    r"(?:image|photo|picture|foto|bild|credit|crédito|crédit|quelle|fonte|source image|image credits?|photo credits?|featured image|cover image|thumbnail)s?(?: credits?| by| via| courtesy(?: of)?| used under| source)?\s*[:©|].{0,90}$",
    r"(?:image|photo) (?:used under|courtesy|by|via)\b.{0,80}$", r"via\s*:\s*.{0,40}$",
    r"(?:©|\(c\)|copyright\b|all rights reserved|alle rechte vorbehalten|tous droits|todos los derechos|todos os direitos|tutti i diritti|все права)",
    r"(?:disclaimers?|disclosures?|affiliate disclosure|editor['’]?s['’]? note)\s*:", r"disclosure\b", r"this (?:post|article|page|site|story|website|blog)[\w ]{0,20} (?:may )?contains? (?:\w+ ){0,3}affiliate",
    r"(?:some|many|all) (?:of the )?(?:links|products|my posts|posts)\b.{0,60}\baffiliate", r"(?:we|this site|i) (?:may )?(?:earn|receive|get)\b.{0,60}\bcommission", r"we independently (?:select|review|research|evaluate)\w*", r"as an? (?:amazon|affiliate)", r"\*?affiliate links?\b", r"when you (?:buy|purchase|shop|click)[^.]{0,60}(?:links?|commission)", r"buying through (?:us|our links)",
    r"the (?:content|information|views|opinions|statements)[\w ,]{0,60} (?:contained|expressed|provided|presented|in this)\b", r"this (?:article|story|post|piece|column|content|report|essay) (?:was |is |has been |originally )+(?:originally |first )?(?:published|appeared|produced|written|adapted|updated|republished|reprinted|sponsored|brought)\b", r"(?:originally|first) published (?:at|in|on|by)\b.{0,80}$", r"the following (?:content|article) is (?:brought|sponsored)",
    r"(?:contact|email|e-mail|write to|reach)(?: the (?:author|reporter|writer|editor)| staff writer| us)?\b.{0,80}@", r"[\w.+\-]+@[\w\-]+\.[\w.]+\W*$", r"(?:twitter|facebook|instagram)\.com/\S+\W*$", r"(?:tel|phone|fax|telefon|tél)\s*[.:]",
    r"©", r"\(?(?:dpa|afp|ap|reuters|ansa|efe|apa|kna|epd|sid|ntb|tt|pap|anp|belga|ats|lusa|antara|xinhua|pti|ani|ians)(?:[/,\-][\w/ .\-]{1,20})?\)?\W*$", r"quelle\s*:.{0,60}$", r"mit material (?:von|der)\b.{0,50}$", r"übersetz(?:t|ung)\b.{0,60}$", r"aus dem \w+ von\b.{0,60}$",
    r"filed under\b", r"posted (?:in|on|by|under)\b.{0,80}$", r"(?:tags?|topics?|categor(?:y|ies)|keywords?|schlagw[oö]rter|themen|etiquetas|mots[- ]clés|tag)\s*:", r"reprints?\b.{0,40}$", r"zur startseite", r"cite (?:this|as)\b", r"how to cite\b",
)

# A heading after which nothing of the article comes.
TAIL_HEADING = _whole(
    r"(?:you (?:may|might)|you['’]ll) (?:also )?(?:like|enjoy|be interested(?: in)?|want to read)[\w :…]{0,25}", r"related (?:articles?|stor(?:y|ies)|content|posts?|reading|coverage|topics?|links?|news|videos?|resources?|pages?|products?(?: and services)?|guides?|blogs?|insights?)(?: (?:from|that|you|on|for|in)\b.{0,40})?", r"related",
    r"(?:recommended|suggested|popular|latest|recent|featured|trending|similar|other|top)(?: \w+)? (?:for you|articles?|stories|posts?|reads?|reading|news|content|videos?|blogs?|guides?|resources?)",
    r"recommended(?: for you)?", r"trending(?: now)?", r"most (?:read|popular|viewed|shared)(?: .{0,20})?", r"(?:what to )?read (?:next|more|this next)", r"keep reading", r"up next", r"explore (?:more|further|next)(?: .{0,30})?", r"discover more(?: .{0,30})?",
    r"more (?:from|in|on|about|like this|stories|articles|news|posts|to read|reading|blogs?|resources)\b.{0,40}", r"(?:latest|recent|more) (?:from|in)\b.{0,40}", r"(?:from|on) (?:our|the) (?:blog|archives?|magazine|network)", r"further reading", r"continue reading", r"in case you missed it", r"don['’]t miss", r"editors?['’]?s?['’]? picks?",
    r"about (?:the )?(?:authors?|writers?|contributors?)(?: .{0,30})?", r"(?:written|reviewed) by", r"meet (?:the|our) (?:author|writer|expert)s?", r"our (?:authors|experts)", r"author(?:s| bio| info)?",
    r"(?:leave|post|write|add|submit|join)(?: a| your| the)? (?:comment|reply|response|conversation|discussion)s?", r"\d* ?comments?(?: \(\d+\))?", r"(?:view|show|read|hide|load) (?:all )?(?:\d+ )?comments?", r"(?:what do you think|your thoughts)\W*", r"responses?", r"discussion", r"kommentare?(?: \(\d+\))?", r"commentaires?", r"comentarios?", r"comentários", r"commenti", r"reacties", r"kommentarer", r"комментарии", r"komentarze", r"コメント", r"评论",
    r"share (?:this|on|the)\b.{0,30}", r"share", r"follow us.{0,30}", r"stay (?:connected|informed|up to date|in touch).{0,30}", r"(?:subscribe|sign up)\b.{0,60}", r"(?:our )?newsletters?(?: .{0,30})?", r"join (?:our|the) .{0,40}", r"get (?:started|in touch)(?: .{0,30})?", r"contact(?: us)?", r"free trial", r"table of contents",
    r"verwandte (?:artikel|themen|beiträge)", r"mehr (?:zum thema|aus|von|dazu|artikel)\b.{0,40}", r"weitere (?:artikel|themen|meldungen|nachrichten|beiträge|infos?)\b.{0,30}", r"das könnte (?:sie|dich) (?:auch )?interessieren", r"auch interessant", r"ähnliche (?:artikel|beiträge)", r"meistgelesen.{0,30}", r"über (?:den autor|die autorin|die autoren)", r"zum thema", r"lesen sie auch", r"newsletter", r"empfehlungen.{0,30}",
    r"(?:à lire|sur le même|dans la même|lire aussi|voir aussi|articles? (?:liés|similaires|associés))\b.{0,40}", r"les plus lus", r"à propos de l['’]auteur", r"(?:noticias|artículos|notas|contenidos?) relacionad[oa]s?", r"te puede interesar", r"lo más (?:leído|visto)", r"más (?:noticias|información|en)\b.{0,30}", r"sobre el autor", r"(?:notícias|artigos|matérias|posts) relacionad[oa]s", r"leia também", r"veja também", r"mais lidas", r"sobre o autor", r"(?:articoli|notizie) correlat[ie]", r"leggi anche", r"potrebbe interessarti.{0,20}", r"i più letti",
    r"lees ook", r"meer (?:over|nieuws|van)\b.{0,30}", r"gerelateerd\w*.{0,20}", r"læs også", r"les også", r"läs (?:också|även|mer)", r"lue myös", r"(?:czytaj|zobacz) (?:także|też|również)", r"polecane", r"(?:читайте|смотрите) также", r"по теме", r"related news", r"baca juga", r"(?:artikel|berita) terkait", r"terkait", r"terpopuler", r"関連(?:記事|リンク|ニュース)?", r"おすすめ(?:記事)?", r"人気(?:記事|ランキング)?", r"アクセスランキング", r"相关(?:阅读|新闻|文章|推荐)", r"相關(?:新聞|文章|報導)", r"推荐(?:阅读)?", r"관련\s?(?:기사|뉴스)", r"많이 본 뉴스", r"مواضيع ذات صلة", r"اقرأ أيضا", r"כתבות נוספות",
)

READING_TIME = _start(r"(?:estimated )?(?:reading|read|listening) time\b.{0,20}$", r"\d{1,3}[ -]?(?:min(?:ute)?s?\.?|minuten|minutos|minuti|mins)(?: (?:read|lesezeit|de lecture|de lectura|de leitura|di lettura))?\W*$", r"(?:lesezeit|temps de lecture|tiempo de lectura|tempo (?:de|di) (?:leitura|lettura)|lesedauer|leestijd|lästid|lesetid)\b.{0,25}$", r"この記事は約?\d+分")
BYLINE = re.compile(r"(?:by|von|par|por|di|door|av|af|autor(?:in)?|text|texte?|written by|story by|words by|redakce|oleh|от|автор)\s*:?\s+(?:[\w.'’\-]+[ ,&/|]*){1,10}$", re.IGNORECASE)
DATE_LINE = re.compile(
    r"\W*(?:(?:last |zuletzt )?(?:updated?|published|posted|modified|aktualisiert|veröffentlicht|stand|publié|mis à jour|actualizado|publicado|atualizado|aggiornato|pubblicato|gepubliceerd|oppdatert|publisert|opdateret|publicerad|uppdaterad|päivitetty|opublikowano|dipublikasikan|diperbarui|обновлено|опубликовано)(?: (?:on|at|am|um|le|el|em|il|på|den))?\W*)?"
    r"(?=[^a-z]*(?:19|20)\d\d|.{0,24}(?:19|20)\d\d|\d{1,2}[.:]\d\d)(?:[\d.,:/\-– |•·+()T]|\b(?:mon|tue|wed|thu|fri|sat|sun)\w*|\b(?:mo|di|mi|do|fr|sa|so)\b|\b(?:am|pm|a\.m|p\.m|est|edt|et|pst|pdt|pt|gmt|utc|cet|cest|mez|mesz|bst|ist|uhr|h|at|on|um|à|às|de|del|le|el|kl|of|den|der|st|nd|rd|th|updated?|published|min|read|ago)\b"
    r"|\b(?:jan|feb|m[aä]r|apr|ma[iyj]|jun|jul|aug|sep|o[ckt]t|nov|de[czs]|janv|f[eé]vr|mars|avr|juin|juil|ao[uû]t|d[eé]c|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|fev|mai|out|dez)\w*)+\W*$",
    re.IGNORECASE,
)
