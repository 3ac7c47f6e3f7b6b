"""What publishers put between and around the paragraphs: pointers to other stories, appeals, labels of controls.

In the languages of the web's larger presses. Each pattern is matched against one whole line, never searched for within
a paragraph: an article about newsletters keeps its sentences, and a longer line must say more than a word to be taken.
"""

from __future__ import annotations

from transforms.line_patterns import is_whole, starts

# "Read more: another story" and its kin: the colon or bracket, or a link over the line, makes it a pointer.
POINTER = starts(r"""
    (?:also|must|next)?[- ]?read(?: (?:more|also|next|this|now|on|the full \w+))?\s*[:|»›>\-–—]|(?:see|watch|
    listen|hear)(?: also| more| now)?\s*:|more(?: (?:on this|from|on|news|stories|info\w*))?\s*:|
    related(?: (?:articles?|stor(?:y|ies)|content|posts?|reading|coverage|topics?|links?|news|videos?))?\s*[:|]|
    (?:also|more) on [\w.\-]+\.\w{2,4}\b|don['’]t miss\s*[:|]|(?:lesen sie|lies) (?:auch|hier|dazu|mehr)|
    mehr (?:zum thema|dazu|lesen)\b|(?:siehe|lesen) auch\s*:|das könnte (?:sie|dich) auch|(?:lire|à lire|a lire|
    voir|écouter) (?:aussi|également|plus)\b|à lire\s*:|sur le même sujet|(?:lea|lee|leer|ver|vea|
    mira)(?: también| más| además)\b|te puede interesar|también te puede|más información\s*:|leia (?:também|mais|
    ainda)|veja (?:também|mais)|saiba mais|confira também|leggi (?:anche|qui|di più)|potrebbe interessarti|
    guarda (?:anche|il video)|lees (?:ook|meer|verder)|læs (?:også|mere)|les (?:også|mer)|läs (?:också|även|mer)|
    lue (?:myös|lisää)|(?:czytaj|zobacz|przeczytaj) (?:także|też|również|więcej)|czytaj (?:też|więcej)|
    читайте (?:также|ещё|еще)|смотрите также|читайте також|čtěte také|přečtěte si|baca juga|simak juga|(?:bunu da|
    ayrıca) oku|xem thêm|関連(?:記事|リンク|ニュース)|あわせて読みたい|(?:相关|延伸)(?:阅读|閱讀|新闻|报道)|
    相關(?:新聞|報導)|更多(?:新闻|内容)|관련\s?기사|
    اقرأ (?:أيضا|المزيد)|إقرأ أيضا|قراءة المزيد|קראו (?:גם|עוד)|यह भी पढ़ें|ये भी पढ़ें|также по теме
""")

# Asking for an address, a subscription, a download, a like.
APPEAL = starts(r"""
    sign[- ]?up (?:for|to|now|today|here|below)\b|subscribe (?:now|today|here|for|and)\b|subscribe\W*$|
    subscribe to (?:our|my|the [\w ’'\-]{0,40}(?:newsletter|channel|podcast|list|blog|letter))\b|
    (?:get|receive|want) (?:the |our |more |all the |\w+['’]s )?(?:day['’]s |
    latest |daily |weekly |top |best |breaking )?(?:[\w ]{0,25} )?(?:delivered|in your inbox|to your inbox|
    newsletters?\b)|join (?:our|the|over|more than|\d[\d,.]*)[\w ,.]{0,40}(?:newsletter|subscribers|mailing list|
    community|members|readers)|our (?:free |daily |weekly )*newsletter\b|the [\w ]{0,30}newsletter\W*$|
    was this (?:newsletter|
    email) forwarded|newsletter$|(?:follow|like|find|join|connect with) (?:us|me|him|her|them|
    @?\w+(?: \w+){0,3}) on (?:social|facebook|twitter|x\b|instagram|linkedin|youtube|telegram|whatsapp|tiktok|
    google|bluesky|mastodon|threads)|follow (?:us|@\w+|me)\b|(?:click|tap) here (?:to|for)\b|(?:click|
    tap) (?:here|below)\W*$|download (?:our|the) (?:free )?(?:\w+ )?app\b|get the [\w ]{1,30} app\b|(?:like|
    enjoy(?:ed|ing)?|love[d]?) (?:this|what you)\b.{0,80}\?|if you (?:liked|enjoyed|found) (?:this|
    our)\b.{0,60}(?:share|subscri|consider|sign|follow|newsletter|pin it|useful)|share (?:this|on|your|
    the (?:article|story|post|love))\b.{0,60}$|(?:please )?(?:leave|post|drop) (?:a|your) comment|
    let us know (?:in the comments|what you think)|have a (?:story|news)? ?(?:tip|question)\b|(?:got|
    have) (?:a )?(?:news )?tip\b|rate this\b|was this (?:article|page|helpful)|(?:please )?(?:log|sign) in\b|
    create (?:a|your) (?:free )?account|(?:ready to|want to) [^.!?]{5,90}\?\s*(?:\W*(?:get started|try|book|
    contact|sign up|schedule|call|learn|join|download|start)\b.{0,100})?$|(?:book|schedule|request|get|try|
    start) (?:a|your|our|for)? ?(?:free )?(?:demo|trial|quote|consultation|estimate)\b|contact us\b|call (?:us|
    now|today)\b|(?:shop|buy|order|book) now\b|learn more(?: about)?\b.{0,60}$|support (?:our|us|the|independent|
    quality)\b.{0,90}$|donate\b|become a (?:member|subscriber|patron|supporter)|continue reading\b|
    read the (?:full|original|rest)\b.{0,60}$|view (?:all|more|author|comments)\b|show (?:more|less|comments)\b|
    see (?:more|all)\b.{0,30}$|load more|(?:jetzt |hier )?(?:abonnieren|anmelden|registrieren|newsletter)\b|
    (?:hier|jetzt) (?:geht['’]?s|klicken|bestellen|testen)\b|melden sie sich\b|folgen sie uns|
    ihre meinung ist uns wichtig|diesen artikel teilen|jetzt (?:teilen|kommentieren)|
    empfohlener redaktioneller inhalt|an dieser stelle finden sie|ich bin damit einverstanden, dass mir|
    abonnez-vous|inscrivez-vous|suivez[- ](?:nous|notre)|partager (?:cet|sur|l)|recevez\b|s['’]abonner|
    cet article est réservé|il vous reste|suscr[íi]b\w*|síguenos|regístrate|comparte (?:esta|este|en)\b|
    compartir\b|sigue (?:toda|a|nuestr)|recibe\b|únete\b|inscreva-se|assine\b|siga (?:o|a|nos|nosso)|compartilhe|
    receba\b|cadastre-se|baixe\b|iscriviti|abbonati|seguici|condividi|registrati|schrijf je in|abonneer|
    meld je aan|volg ons|prenumerera|følg oss|abonner\b|tilaa\b|zapisz się|подпи(?:шитесь|сывайтесь|шись)|
    підпи(?:шіться|суйтесь)|abone ol|takip edin|ikuti\b.{0,50}(?:kami|channel|saluran)|dapatkan\b.{0,40}(?:berita|
    update)|有料会員|会員(?:限定|登録)|この記事は(?:有料|会員)|続きを読む|無料(?:登録|会員)|残り\d+文字|
    【.{0,12}キャンペーン】|订阅|訂閱|关注我们|扫码|구독|اشترك|
    تابعونا|הירשמו|סקרייב
""")

# One line that is a control or a label of the page, never of the article.
LABEL = is_whole(r"""
    advertisements?|advertorial|article content|sponsored(?: content)?|anzeige|werbung|publicit[ée]|publicidade?|
    pubblicità|reklame?|annonse?|iklan|広告|广告|廣告|إعلان|реклама|tags?|categories|topics?|share(?: (?:this|on|
    via)[\w ]{0,30})?|print|save|copy(?: link)?|link copied!?|e-?mail|facebook|twitter|whatsapp|linkedin|
    pinterest|reddit|tweet|teilen|merken|drucken|partager|imprimer|compartir|guardar|compartilhar|condividi|delen|
    कॉपी लिंक|(?:recommended|related|more|top|latest|popular|featured) (?:videos?|stories|articles|posts|news|
    topics|reading|links)|up next|now playing|loading(?:\.\.\.|…)?|back to (?:top|video|gallery|index|blog)|
    skip (?:to|ad|advertisement|past)\b.{0,40}|scroll (?:down )?(?:for|to) .{0,30}|close|menu|search|home|play|
    pause|mute|swipe\b.{0,40}|table of contents?(?: (?:show|hide|toggle))?|(?:in this|on this) (?:article|page|
    guide|post|story)|contents|inhaltsverzeichnis|inhalt|sommaire|índice|jump to (?:the )?(?:recipe|list|section|
    content)s?\W*|toggle\b.{0,30}|(?:next|previous|prev|older|newer)(?: (?:article|post|story|page|
    entry))?(?:\s*:.{0,120})?|(?:blog|article) index|read (?:more|next|now|the full (?:story|article|post))|
    learn more|see (?:more|all)|view (?:all|more|comments|gallery|profile)|show (?:more|less|all)|load more|
    continue reading|click here|get started(?: (?:now|today|for free))?|(?:free )?(?:sign|log)[ -]?(?:up|
    in)(?: (?:now|today|for free|free))?|register(?: now)?|subscribe(?: now)?|follow|join(?: now| us)?|contact us|
    download(?: now)?|book (?:now|a demo)|request a demo|buy now|shop now|(?:start|try)(?: (?:a|your|
    our))? free trial|try (?:it )?(?:now|free|for free)|weiterlesen|mehr (?:lesen|erfahren|anzeigen)|
    lire (?:la suite|plus)|leer más|ver más|leia mais|saiba mais|leggi (?:tutto|di più)|lees (?:meer|verder)|
    続きを読む|もっと見る|阅读全文|查看更多|더보기|(?:image|photo|video|picture|caption|credit|source|bild|
    foto)s?|comments?|
    kommentare|view comments|[\d.]+k?(?: (?:shares?|comments?|likes?|views?|votes?|followers?|claps?|reactions?|
    replies))|(?:yes|no)|was this (?:article |page |post )?(?:helpful|useful)|thank(?:s| you)(?: for (?:reading|
    subscribing|your feedback).{0,30})?|privacy policy|terms(?: (?:of (?:use|service)|and conditions))?|
    cookie (?:policy|settings)|all rights reserved
""")
