"""Headings after which nothing of the article comes, in the languages of the web's larger presses."""

from __future__ import annotations

from transforms.line_patterns import is_whole

# A heading after which nothing of the article comes.
TAIL_HEADING = is_whole(r"""
    (?:you (?:may|might)|you['’]ll) (?:also )?(?:like|enjoy|be interested(?: in)?|want to read)[\w :…]{0,25}|
    related (?:articles?|stor(?:y|ies)|content|posts?|reading|coverage|topics?|links?|news|videos?|resources?|
    pages?|products?(?: and services)?|guides?|blogs?|insights?)(?: (?:from|that|you|on|for|in)\b.{0,40})?|
    related|(?:recommended|suggested|popular|latest|recent|featured|trending|similar|other|
    top)(?: \w+)? (?:for you|articles?|stories|posts?|reads?|reading|news|content|videos?|blogs?|guides?|
    resources?)|recommended(?: for you)?|trending(?: now)?|most (?:read|popular|viewed|shared)(?: .{0,20})?|
    (?:what to )?read (?:next|this next)|keep reading|up next|explore (?:more|further|next)(?: .{0,30})?|
    discover more(?: .{0,30})?|more (?:from|in|on|about|like this|stories|articles|news|posts|to read|reading|
    blogs?|resources)\b.{0,40}|(?:latest|recent|more) (?:from|in)\b.{0,40}|(?:from|on) (?:our|the) (?:blog|
    archives?|magazine|network)|further reading|continue reading|in case you missed it|don['’]t miss|
    editors?['’]?s?['’]? picks?|about (?:the )?(?:authors?|writers?|contributors?)(?: .{0,30})?|(?:written|
    reviewed) by|meet (?:the|our) (?:author|writer|expert)s?|our (?:authors|experts)|author(?:s| bio| info)?|
    (?:leave|post|write|add|submit|join)(?: a| your| the)? (?:comment|reply|response|conversation|discussion)s?|
    \d* ?comments?(?: \(\d+\))?|(?:view|show|read|hide|load) (?:all )?(?:\d+ )?comments?|(?:what do you think|
    your thoughts)\W*|responses?|discussion|kommentare?(?: \(\d+\))?|commentaires?|comentarios?|comentários|
    commenti|reacties|kommentarer|комментарии|komentarze|コメント|评论|share (?:this|on|the)\b.{0,30}|share|
    follow us.{0,30}|stay (?:connected|informed|up to date|in touch).{0,30}|(?:subscribe|sign up)\b.{0,60}|
    (?:our )?newsletters?(?: .{0,30})?|join (?:our|the) .{0,40}|get (?:started|in touch)(?: .{0,30})?|
    contact(?: us)?|free trial|table of contents|verwandte (?:artikel|themen|beiträge)|mehr (?:zum thema|aus|von|
    dazu|artikel)\b.{0,40}|weitere (?:artikel|themen|meldungen|nachrichten|beiträge|infos?)\b.{0,30}|
    das könnte (?:sie|dich) (?:auch )?interessieren|auch interessant|ähnliche (?:artikel|beiträge)|
    meistgelesen.{0,30}|über (?:den autor|die autorin|die autoren)|zum thema|lesen sie auch|newsletter|
    empfehlungen.{0,30}|(?:à lire|sur le même|dans la même|lire aussi|voir aussi|articles? (?:liés|similaires|
    associés))\b.{0,40}|les plus lus|à propos de l['’]auteur|(?:noticias|artículos|notas|
    contenidos?) relacionad[oa]s?|te puede interesar|lo más (?:leído|visto)|más (?:noticias|información|
    en)\b.{0,30}|sobre el autor|(?:notícias|artigos|matérias|posts) relacionad[oa]s|leia também|veja também|
    mais lidas|sobre o autor|(?:articoli|notizie) correlat[ie]|leggi anche|potrebbe interessarti.{0,20}|
    i più letti|lees ook|meer (?:over|nieuws|van)\b.{0,30}|gerelateerd\w*.{0,20}|læs også|les også|läs (?:också|
    även|mer)|lue myös|(?:czytaj|zobacz) (?:także|też|również)|polecane|(?:читайте|смотрите) также|по теме|
    related news|baca juga|(?:artikel|berita) terkait|terkait|terpopuler|関連(?:記事|リンク|ニュース)?|
    おすすめ(?:記事)?|人気(?:記事|
    ランキング)?|アクセスランキング|相关(?:阅读|新闻|文章|推荐)|相關(?:新聞|文章|報導)|推荐(?:阅读)?|
    관련\s?(?:기사|뉴스)|많이 본 뉴스|مواضيع ذات صلة|اقرأ أيضا|
    כתבות נוספות
""")
