"""The months as dates print them, in the languages of most news: full names, cases and usual abbreviations."""

from __future__ import annotations

_NAMES = {
    1: """january jan januar jän jänner jaenner janvier janv enero ene gennaio gen janeiro januari tammikuuta tammikuu
        janúar stycznia styczeń sty ledna leden január januára ianuarie ian януари января январь янв січня січень січ
        јануар јануара siječnja siječanj januarja ocak oca ιανουαρίου ιανουάριος ιαν sausio sausis janvāris janvārī
        jaanuar jaan gener urtarrila yanvar يناير ינואר जनवरी জানুয়ারি ஜனவரி มกราคม ม.ค. ocak""",
    2: """february feb februar feber février févr fév fevrier febrero febbraio fevereiro fev februari helmikuuta
        helmikuu febrúar lutego luty lut února únor február februára februarie февруари февраля февраль фев февр лютого
        лютий лют фебруар фебруара veljače veljača februarja şubat şub φεβρουαρίου φεβρουάριος φεβ vasario vasaris
        februāris
        februārī veebruar veebr febrer otsailaren fevral فبراير شباط פברואר फरवरी ফেব্রুয়ারি பிப்ரவரி กุมภาพันธ์
        ก.พ.""",
    3: """march mar märz mär mrz maerz mars marzo março mac maart mrt marts maaliskuuta maaliskuu marca marzec března
        březen března marec március márc martie март марта мар березня березень бер марта ožujka ožujak marca mart
        μαρτίου μάρτιος μαρ kovo kovas marts martā märts març martxoaren مارس آذار מרץ मार्च মার্চ மார்ச் มีนาคม
        มี.ค. maret""",
    4: """april apr avril avr abril abr aprile huhtikuuta huhtikuu apríl kwietnia kwiecień kwi dubna duben apríla
        április ápr aprilie април апреля апрель апр квітня квітень квіт кві априла travnja travanj aprila nisan nis
        απριλίου
        απρίλιος απρ balandžio balandis aprīlis aprīlī aprill apirilaren aprel أبريل ابريل نيسان אפריל अप्रैल এপ্রিল
        ஏப்ரல் เมษายน เม.ย.""",
    5: """may mai mayo maggio mag maio mei maj toukokuuta toukokuu maí maja května květen mája máj május mai май мая
        травня травень трав тра мај маја svibnja svibanj maja mayıs μαΐου μαϊου μάιος μαϊ gegužės gegužė maijs maijā
        maig maiatzaren مايو أيار מאי मई মে மே พฤษภาคม พ.ค.""",
    6: """june jun juni juin junio giugno giu junho kesäkuuta kesäkuu júní czerwca czerwiec cze června červen júna jún
        június iunie iun юни июня июнь июн червня червень черв чер јун јуна lipnja lipanj junija haziran haz ιουνίου
        ιούνιος ιουν birželio birželis jūnijs jūnijā juuni juny ekainaren iyun يونيو حزيران יוני जून জুন ஜூன் มิถุนายน
        มิ.ย.""",
    7: """july jul juli juillet juil julio luglio lug julho heinäkuuta heinäkuu júlí lipca lipiec lip července červenec
        júla júl július iulie iul юли июля июль июл липня липень лип јул јула srpnja srpanj julija temmuz tem ιουλίου
        ιούλιος ιουλ liepos liepa jūlijs jūlijā juuli juliol uztailaren iyul يوليو تموز יולי जुलाई জুলাই ஜூலை กรกฎาคม
        ก.ค.""",
    8: """august aug août aout agosto ago agustus augusti augustus elokuuta elokuu ágúst sierpnia sierpień sie srpna
        srpen augusta augusztus aug август августа авг серпня серпень серп сер август августа kolovoza kolovoz avgusta
        avgust ağustos ağu αυγούστου αύγουστος αυγ rugpjūčio rugpjūtis augusts augustā agost abuztuaren avqust أغسطس
        اغسطس آب אוגוסט अगस्त আগস্ট ஆகஸ்ட் สิงหาคม ส.ค. ogos""",
    9: """september sep sept septembre septiembre setiembre set settembre sett setembro syyskuuta syyskuu september
        września wrzesień wrz září septembra szeptember szept septembrie септември сентября сентябрь сен сент вересня
        вересень вер верес септембар септембра rujna rujan eylül eyl σεπτεμβρίου σεπτέμβριος σεπ rugsėjo rugsėjis
        septembris septembrī setembre irailaren sentyabr سبتمبر أيلول ספטמבר सितंबर सितम्बर সেপ্টেম্বর செப்டம்பர்
        กันยายน
        ก.ย.""",
    10: """october oct oktober okt octobre octubre ottobre ott outubro out lokakuuta lokakuu október października
        październik paź října říjen októbra octombrie октомври октября октябрь окт жовтня жовтень жовт жов октобар
        октобра oktobra ekim eki οκτωβρίου οκτώβριος οκτ spalio spalis oktobris oktobrī oktoober octubre
        urriaren oktyabr أكتوبر اكتوبر תשרין אוקטובר अक्टूबर অক্টোবর அக்டோபர் ตุลาคม ต.ค. oktobar""",
    11: """november nov novembre noviembre novembro marraskuuta marraskuu nóvember listopad listopada lis listopadu
        novembra noiembrie noi ноември ноября ноябрь ноя листопада листопад лист новембар новембра studenoga studeni
        kasım kas νοεμβρίου νοέμβριος νοε lapkričio lapkritis novembris novembrī novembre azaroaren noyabr نوفمبر
        נובמבר नवंबर नवम्बर নভেম্বর நவம்பர் พฤศจิกายน
        พ.ย. nopember novembar""",
    12: """december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro desember des joulukuuta
        joulukuu desember grudnia grudzień gru prosince prosinec decembra decembrie декември декабря декабрь дек грудня
        грудень груд гру децембар децембра prosinca prosinac aralık ara δεκεμβρίου δεκέμβριος δεκ gruodžio gruodis
        decembris decembrī detsember dets desembre abenduaren dekabr ديسمبر דצמבר दिसंबर दिसम्बर ডিসেম্বর டிசம்பர்
        ธันวาคม ธ.ค. decembar""",
}

MONTHS: dict[str, int] = {name: month for month, names in _NAMES.items() for name in names.split()}
"""Number of the month by its name in lower case, without a closing full stop unless the abbreviation needs one."""
