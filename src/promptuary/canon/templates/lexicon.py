"""Words that are known beforehand: names of languages, and words that name nothing."""

from __future__ import annotations

LANGUAGES = frozenset(
    """
    afrikaans albanian allemand amharic anglais arabe arabic armenian azerbaijani basque bengali
    bulgarian burmese cantonese catalan chinese chino chinois croatian czech danish deutsch
    dutch englisch english espagnol esperanto estonian farsi filipino finnish french galician
    georgian german greek gujarati hausa hebrew hindi hungarian icelandic igbo indonesian irish
    italian italiano italien italienisch japanese japonais kazakh khmer korean lao latin latvian
    lithuanian malay mandarin marathi mongolian nepali norwegian persian polish portugais
    portuguese punjabi romanian ruso russe russian serbian sinhala slovak slovenian somali
    spanisch spanish swahili swedish tagalog tamil telugu thai turkish ukrainian urdu uzbek
    vietnamese welsh yoruba zulu alemán español francés französisch français inglés japonés
    portugués árabe английский русский العربية हिन्दी 中文 俄语 德语 日本語 日语
    法语 英文 英語 英语 西班牙语 韩语 영어 한국어
    """.split()  # noqa: SIM905 - words read better than a list of strings
)
"""Languages people speak, by names in several of them."""

LANGUAGE_CODES = frozenset(
    """
    af ar bg bn ca cs cy da de el en es et eu fa fi fr ga he hi hr hu id it ja ko lt lv ms nb nl
    no pl pt ro ru sk sl sr sv sw ta te th tr uk ur vi zh
    """.split()  # noqa: SIM905 - words read better than a list of strings
)
"""ISO 639-1 codes of frequent languages."""

PROGRAMMING_LANGUAGES = frozenset(
    """
    bash c c# c++ css dart go golang haskell html java javascript julia kotlin lua matlab perl
    php python r ruby rust scala shell sql swift typescript
    """.split()  # noqa: SIM905 - words read better than a list of strings
)
"""Languages programs are written in."""

PLAIN_WORDS = frozenset(
    """
    a about above all also an and any are as at be below between by can could did do does each
    else following for from good he here how i if in into is it its just like may me more most
    must my new no not now of on one only or our out please she should so some such than that
    the their them then there these they this those to two up very was we were what when where
    which who why will with would yes you your
    """.split()  # noqa: SIM905 - words read better than a list of strings
)
"""English words that tell nothing about what a slot holds or a family asks."""

INSTRUCTIONS = frozenset(
    """
    answer based called classify create describe does explain find generate give given like list
    make named provide read return rewrite said say says summarize tell translate use using
    write
    """.split()  # noqa: SIM905 - words read better than a list of strings
)
"""English words that tell what to do with a slot rather than what it holds."""
