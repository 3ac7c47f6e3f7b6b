"""Lines in which a page says that it was changed: "Correction, 14 November: …", "Stand: …", "訂正：…".

In the languages of the web's larger presses. A note begins its line and is set off from what follows by a colon, a
dash, a date or a bracket, or it is a whole sentence that says so; the word alone, within a sentence, is not one.
"""

from __future__ import annotations

from transforms.line_patterns import line, starts
from transforms.small_letters import small

_WORDS = r"""
    corrections?|corrected|clarifications?|clarified|updates?|updated|amended|amendments?|errat(?:um|a)|revised|
    retractions?|retracted|editor['’]?s?['’]? note|note from the editors?|last (?:updated|modified)|
    korrektur(?:hinweis)?|korrigiert|berichtigung|richtigstellung|klarstellung|aktualisiert|aktualisierung|nachtrag|
    transparenzhinweis|(?:anmerkung|hinweis) der redaktion|zuletzt (?:aktualisiert|geändert)|
    correctif|rectificatif|corrigé|mise à jour|mis à jour|actualisé|modifié|précision|
    note de la rédaction|ndlr|
    corrección|corregido|rectificación|fe de err(?:at|or)[ae]s|actualización|actualizado|aclaración|
    nota (?:de la redacción|del? editor)|
    correção|corrigido|errata|atualização|atualizado(?: em)?|nota da redação|
    correzione|rettifica|errata corrige|aggiornamento|aggiornato|nota della redazione|
    correctie|gecorrigeerd|rectificatie|bijgewerkt|aanvulling|naschrift|
    rättelse|rättat|uppdatering|uppdaterad|rettelse|rettet|oppdatert|oppdatering|opdateret|opdatering|presisering|
    korekta|sprostowanie|aktualizacja|zaktualizowano|uzupełnienie|
    исправлени[ея]|исправлено|уточнение|уточнено|поправка|опровержение|обновление|обновлено|дополнено|
    (?:от|примечание) редакции|виправлен[ня]+|виправлено|уточнення|оновлен[ня]+|оновлено|
    düzeltme|düzeltildi|güncelleme|güncellendi|editörün notu|
    koreksi|ralat|diperbarui|pembaruan|catatan redaksi|
    تصحيح|تصويب|تحديث|توضيح|استدراك|تنويه|ملاحظة (?:من )?(?:المحرر|التحرير)|
    תיקון|עדכון|הבהרה|סיכול|
    सुधार|संशोधन|अपडेट|
    정정(?: 보도)?|수정|업데이트|바로잡습니다|알려왔습니다|편집자 주
"""
_CJK_WORDS = r"訂正|追記|修正|更新|補足|お詫び|おわび|编者按|编者注|編者按|編者註|更正|勘误|勘誤|订正|更正启事"
_SENTENCES = r"""
    an? (?:earlier|previous) version of (?:this|the)\b|
    this (?:article|story|post|piece|page|report|headline|column|item) (?:was|has been|is) (?:since )?
    (?:updated|corrected|amended|edited|changed|revised|clarified|modified)\b|
    we (?:have )?(?:updated|corrected|amended|clarified|changed) (?:this|the)\b|
    in einer (?:früheren|ersten|vorherigen|älteren) (?:version|fassung)\b|
    dieser (?:artikel|beitrag|text) wurde (?:\w+ ){0,3}(?:aktualisiert|korrigiert|geändert|ergänzt|berichtigt)|
    (?:wir haben )(?:den|diesen) (?:artikel|beitrag|text) (?:\w+ ){0,3}(?:aktualisiert|korrigiert|geändert|ergänzt)|
    cet article a été (?:\w+ ){0,2}(?:modifié|corrigé|mis à jour|actualisé)|
    une (?:première|précédente) version de (?:cet|ce)\b|
    (?:este|esta|el|la) (?:artículo|texto|noticia|información) (?:ha sido|fue) (?:actualizad|corregid|modificad)[oa]|
    una versión (?:anterior|previa) de (?:este|esta)\b|
    (?:este|esta|o|a) (?:artigo|texto|reportagem|matéria|notícia) foi (?:atualizad|corrigid|alterad)[oa]|
    uma versão anterior d(?:este|esta)\b|
    quest(?:o|a) (?:articolo|notizia) è stat[oa] (?:aggiornat|corrett|modificat)[oa]|
    in een eerdere versie\b|dit (?:artikel|bericht) is (?:\w+ ){0,2}(?:aangepast|bijgewerkt|gecorrigeerd)|
    (?:i en )?tidigare version av\b|en tidligere (?:versjon|version) (?:av|af)\b|
    w (?:poprzedniej|pierwotnej) wersji\b|в (?:предыдущей|первоначальной|более ранней) версии\b
"""
_AFTER = r"""
    \s*(?:[:：\-–—|(\[（［)\]）］】」*]|$|,\s*(?:\w+\s+){0,2}\d|\d{1,2}[:h]\d\d|\d{1,4}[./\-]\d{1,2}[./\-]|
    \d{1,2}\.? [^\W\d]{3,}|[^\W\d]{3,9}\.? \d{1,2}\b|
    (?:on|at|of|am|um|vom|le|du|el|del|em|de|il|ore|op|den|kl\.?|dnia|от|в|pada|في)\s(?:\S+\s){0,3}?\d)
"""
_NOTE = starts(rf"""
    (?:(?:{_WORDS})(?!\w){_AFTER}|(?:{_CJK_WORDS})(?:[:：】］\])）>＞\s\d（(［\[]|$|します|しました|について)|(?:{_SENTENCES}))
""")
_ANYWHERE = line(rf"""
    .*?(?:[.!?;:)\]]\s+(?:{_SENTENCES})|本(?:記事|文|稿).{{0,20}}(?:訂正|修正|更新|更正)|記事を(?:訂正|修正|更新))
""")
_LENGTH_MAX = 1_500
"""Characters from which a line is a paragraph of its own and no note."""


def is_note(text: str) -> bool:
    """Whether a line says that the page was corrected or updated."""
    if len(text) > _LENGTH_MAX:
        return False
    lowered = small(text)
    return _NOTE.match(lowered) is not None or _ANYWHERE.match(lowered) is not None
