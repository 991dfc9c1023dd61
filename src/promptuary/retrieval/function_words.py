"""Words that hold sentences together and say nothing of what they are about."""

from __future__ import annotations

_ENGLISH = """
    a about after all also am an and any are as at be because been before being between both but by
    can could did do does doing during each few for from further had has have having he her here
    hers him his how i if in into is it its itself just me more most my myself no nor not of off on
    only or other our ours out over own same she should so some such than that the their theirs
    them then there these they this those through to too under until up very was we were what when
    where which while who whom whose why will with would you your yours
"""
_OTHERS = """
    el la los las un una unos unas de del al y o que en es por con para se su sus lo como más pero
    qué cuál cuándo dónde quién cómo fue ser está
    der das dem des ein eine einer eines und oder ist im zu von mit auf für wie was wer wann
    wo nicht sich auch als
    le les une du et ou où est dans pour par sur au aux ce cette qui quoi quand quel quelle
    il lo gli uno e di da che con su sono della delle nel
    os uma da dos das em não com no na ao
    и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по ее мне
    было вот от
"""
"""The commonest of Spanish, German, French, Italian, Portuguese and Russian, without those that
are English words of another meaning."""

FUNCTION_WORDS = frozenset([*_ENGLISH.split(), *_OTHERS.split()])


def content_words(terms: list[str]) -> list[str]:
    """The terms that say something; all of them if none does."""
    return [term for term in terms if term not in FUNCTION_WORDS] or terms
