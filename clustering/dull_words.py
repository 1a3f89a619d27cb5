"""Words that say nothing of what a theme is about: English function words, CRM small talk."""

# ruff: noqa: SIM905
from __future__ import annotations

DULL_WORDS = frozenset(
    """
    a about above actually after again against ago ain't all allow allowed allows almost already
    also always am an and any anybody anybody's anyone anything anyway anywhere apparently april
    are aren't arent around as asap ask asked asking asks at august away back bad barely
    basically be became because been before being believe believes below best better between big
    bit both btw but by came can can't cannot cant client client's clients come could couldn't
    currently customer customer's customers day days december depending did didn't didnt
    directly do does doesn't doesnt doing don't done dont down each eg either else end
    especially etc even evening evenings eventually ever every everybody everybody's everyone
    everyone's everything everywhere excl february few first folks for friday fridays from
    further fyi gave get gets getting give given go goes going gone good got great guy guys had
    hadn't half happen happened happens hardly has hasn't hasnt hate hates have haven't havent
    having he he'd he's hello help hence her here hers herself hes hey hi him himself his
    honestly hopefully hour hours how however huge i i'd i'll i'm i've id ideally ie if ill in
    incl including individually instead into is isn't isnt it it's its itself ive january july
    june just keen keep keeps kept kind kinda know known knows large last later least less let
    let's like likes likewise literally little loads look looking lot lots love loved loves made
    make makes many march may maybe me mean meanwhile might mind minds mine minutes missing
    monday mondays month month's more morning mornings most mostly much must mustn't my myself
    nearly need needed needs neither never new next nice night no nobody nobody's none nor not
    nothing november now nowhere october of off often oh ok okay on once one ones only onto or
    other others otherwise ought our ours ourselves out over own people per perhaps person
    please pls plus plz pm popping possible preferably present presently put quite rather re
    really roughly said same saturday saw say saying says seconds see seem seems seen sees
    separately september several shall she she'd she's shes should shouldn't shouldnt silently
    simply since small so some somebody somebody's somehow someone someone's something sometimes
    somewhat somewhere soon sort still stuff such sunday sure take taken takes team teams than
    thank thanks that that's the their theirs them themselves then there there's therefore
    theres these they they'd they'll they're they've theyre thing things think thinks this those
    though through thursday thursdays thus till time times tiny to today today's together told
    tomorrow tomorrow's too took touch tried tries try trying tuesday tuesdays two under
    unfortunately unless until up upon us use used user users uses using usually very via vs
    wait want wanted wants was wasn't way we we'd we'll we're we've wednesday wednesdays week
    week's weeks well went were weren't what what's when whenever where wherever whether which
    whichever while who whoever whole whom whose why will wish wishes wishing with within
    without won't wont worse worst would wouldn't wouldnt year year's years yes yesterday
    yesterday's yet you you'd you'll you're you've your yours yourself
    """.split()
)

# Those of them that may stand inside a phrase: articles, prepositions and the like.
LINKS = frozenset(
    """
    a across after all an and any as at back before between by each every for from her his in
    into its no not of on only onto or our out over own per the their these this those to up via
    with without your
    """.split()
)

# What a clause may begin with and is as well understood without, in any of the languages.
OPENERS = frozenset(
    """
    a aber also although an and anyway as aunque because btw but da daher das dass denn der die
    e el er es eu fyi he hello hey hi i if it la las los mas o ob og or os pero please pls
    porque que she sie since so still that the then there they though und we weil wenn when
    whereas which while who wir with y yes you
    """.split()
)
