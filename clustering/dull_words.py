"""Words that say nothing of what a theme is about: English function words, CRM small talk."""

from __future__ import annotations

DULL_WORDS = frozenset(
    """
    a about above actually after again against ago ain't all almost already also always am an
    and any anybody anyone anything are aren't around as asap ask asked asking asks at away back
    be became because been before being below between both but by came can can't cannot come
    could couldn't customer customers day days did didn't do does doesn't doing don't done down
    each either else end etc even ever every everybody everyone everything few first for from
    further gave get gets getting give given go goes going gone good got had hadn't happen
    happened happens has hasn't have haven't having he he'd he's help her here hers herself hey
    hi him himself his how however i i'd i'll i'm i've if in instead into is isn't it it's its
    itself just keep keeps kept know known last later least less let let's like likes little look
    looking lot made make makes many may maybe me mean might mine more most much must mustn't my
    myself need needed needs neither never new next no nobody none nor not nothing now of off
    often oh ok okay on once one only onto or other others ought our ours ourselves out over own
    per please possible put quite rather really said same saw say saying says see seem seems
    seen several shall she she'd she's should shouldn't since so some somebody someone something
    sometimes somewhere soon still stuff such sure take taken takes than thank thanks that that's
    the their theirs them themselves then there there's therefore these they they'd they'll
    they're they've thing things think this those though through till time times to today
    together told tomorrow too took tried tries try trying two under unless until up upon us use
    used uses using very via wait want wanted wants was wasn't way we we'd we'll we're we've week
    weeks well went were weren't what what's when where whether which while who whoever whole
    whom whose why will wish with within without won't would wouldn't yes yesterday yet you you'd
    you'll you're you've your yours yourself
    """.split()  # noqa: SIM905
)
