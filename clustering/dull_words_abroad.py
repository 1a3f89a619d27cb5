"""Function words of languages that customers write in, besides English, by ISO 639-1."""

# ruff: noqa: SIM905
from __future__ import annotations

# What may stand inside a phrase: articles and prepositions.
LINKS_ABROAD: dict[str, frozenset[str]] = {
    "es": frozenset(
        """
        a al bajo cada con de del el en entre la las los o para por según sin sobre un una y
        """.split()
    ),
    "de": frozenset(
        """
        als am an auf aus bei beim das dem den der des die durch ein eine einem einen einer
        eines für gegen im in ins mit nach oder ohne pro und vom von vor zu zum zur über
        """.split()
    ),
    "pt": frozenset(
        """
        a ao aos as até cada com da das de do dos e em entre na nas no nos o os ou para pela
        pelas pelo pelos por sem sob sobre um uma à às
        """.split()
    ),
}

# What ends one: pronouns, auxiliaries, conjunctions, small talk.
DULL_ABROAD: dict[str, frozenset[str]] = {
    "es": frozenset(
        """
        ahora algo alguna algunas alguno algunos algún allí ante antes aquí así aun aunque
        aún bien bueno casi cliente clientes como cual cuando cuándo cómo desde después
        donde dónde e el ella ellas ellos era eran es esa ese eso esos esta estaba estado
        estamos estar estas este esto estos está están estás fue fueron gracias ha había
        hace hacen hacer han hasta hay hecho hola hoy le les lo luego mañana me mi mientras
        mis mucho muchos muy más nada necesita necesitamos necesitan ni ninguna ninguno
        ningún no nos nosotros nuestra nuestras nuestro nuestros nunca os otra otras otro
        otros pero pide piden poco podemos poder porque puede pueden puedo pues que quiere
        quieren quién qué se sea ser si sido siempre solo son su sus sí sólo también tampoco
        tan tanto te tenemos tener tiene tienen toda todas todavía todo todos tu tus unas
        unos usted ustedes va veces vez ya yo él
        """.split()
    ),
    "de": frozenset(
        """
        aber alle allem allen aller alles also andere anderen auch bis bisher bitte brauchen
        braucht da dabei dadurch dafür daher damit danach dann daran darauf dass davon dazu
        deren deshalb dessen dich dies diese diesem diesen dieser dieses dir doch dort du
        dürfen er es etwas euch fragen fragt gab ganz geben geht gerade gerne gibt gut haben
        hat hatte hatten heute hier hätte ich ihm ihn ihnen ihr ihre ihrem ihren ihrer immer
        ist ja jede jedem jeden jeder jedes jemand jetzt kann kaum kein keine keinem keinen
        keiner kommt kunde kunden können könnte könnten lassen leider machen macht man
        manche manchmal mehr mein meine mich mir muss möchte möchten müssen nein nicht
        nichts nie niemand noch nun nur ob oft ohnehin sehr sei seid sein seine seinem
        seinen seiner seit sich sie sind so sodass sogar soll sollen sollte sondern sonst
        uns unser unsere unserem unseren unserer viel viele vielleicht wann war waren warum
        was weder weg weil welche welcher welches wenig wenn wer werden wie wieder will wir
        wird wo wollen wurde wurden während wäre würde würden zwar
        """.split()
    ),
    "pt": frozenset(
        """
        agora ainda algo algum alguma algumas alguns alguém ali antes aqui assim bem cliente
        clientes como contudo cá dela dele deles depois desde disso e ela elas ele eles
        enquanto era eram essa esse esses esta estamos estar estas este estes está estão eu
        faz fazem fazer foi foram gente gostaria hoje há isso isto já lhe lhes logo lá mais
        mas me mesmo meu meus minha muito muitos nada nem nenhum nenhuma ninguém nossa
        nossas nosso nossos num numa nunca não nós obrigado olá onde outra outras outro
        outros pede pedem pode podem podemos pois porque porém pouco precisa precisam
        precisamos quais qual quando quase que quem quer querem se seja sem sempre ser seria
        seu seus sim sua suas são só também tanto te tem temos tenho ter tinha toda todas
        todo todos tudo tão têm um vai vez vezes você vocês é
        """.split()
    ),
}
