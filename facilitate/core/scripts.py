"""Whether a text can be in a language, by its letters: enough to see that one in Arabic letters is not in German."""

import unicodedata

# As Unicode names their letters. Languages that are not named here are written in Latin letters.
_SCRIPTS = {
    "ar ckb fa ps sd ug ur": ("ARABIC",),
    "he yi": ("HEBREW",),
    "be bg ky mk mn ru tg uk": ("CYRILLIC",),
    "bs kk sr": ("CYRILLIC", "LATIN"),
    "el": ("GREEK",),
    "hy": ("ARMENIAN",),
    "ka": ("GEORGIAN",),
    "am ti": ("ETHIOPIC",),
    "hi mr ne sa": ("DEVANAGARI",),
    "as bn": ("BENGALI",),
    "pa": ("GURMUKHI", "ARABIC"),
    "gu": ("GUJARATI",),
    "or": ("ORIYA",),
    "ta": ("TAMIL",),
    "te": ("TELUGU",),
    "kn": ("KANNADA",),
    "ml": ("MALAYALAM",),
    "si": ("SINHALA",),
    "th": ("THAI",),
    "lo": ("LAO",),
    "my": ("MYANMAR",),
    "km": ("KHMER",),
    "bo dz": ("TIBETAN",),
    "zh": ("CJK", "BOPOMOFO"),
    "ja": ("CJK", "HIRAGANA", "KATAKANA"),
    "ko": ("HANGUL", "CJK"),
}
_OF = {language: scripts for languages, scripts in _SCRIPTS.items() for language in languages.split()}


def fits(text: str, language: str) -> bool:
    """Whether a text has a letter that the language is written in, or none at all."""
    wanted = _OF.get(language.split("-")[0].lower(), ("LATIN",))
    letters = [sign for sign in text if sign.isalpha()]
    return not letters or any(not set(wanted).isdisjoint(_named(sign)) for sign in letters)


def _named(sign: str) -> list[str]:
    """`LATIN` of `LATIN SMALL LETTER A`, also where it is a wide or a small one."""
    return unicodedata.name(sign, "").replace("-", " ").split(" ")[:2]
