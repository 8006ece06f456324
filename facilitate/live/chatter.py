"""What simulated participants write: short and long, in English and German (with its compounds), some in Arabic."""

from random import Random

PEOPLE = {
    "en": ("Neighbours", "Young people", "Volunteers", "The library", "Our association", "Three schools"),
    "de": ("Nachbarn", "Jugendliche", "Ehrenamtliche", "Die Stadtteilbibliothek", "Unser Verein", "Drei Schulen"),
    "ar": ("الجيران", "الشباب", "المتطوعون", "المكتبة", "جمعيتنا", "ثلاث مدارس"),
}
DEEDS = {
    "en": ("could share", "already run", "want to open", "would look after", "need help with", "are planning"),
    "de": ("teilen sich", "betreiben schon", "wünschen sich", "kümmern sich um", "suchen Hilfe für", "planen gerade"),
    "ar": ("يتقاسمون", "يديرون", "يريدون", "يهتمون بـ", "يحتاجون إلى", "يخططون لـ"),
}
THINGS = {
    "en": ("a repair café", "benches by the river", "a tool library", "a summer stage", "one phone number for all"),
    "de": (
        "die Fahrradreparaturwerkstatt",
        "eine Nachbarschaftshilfevermittlungsstelle",
        "längere Gemeindehausöffnungszeiten",
        "den Ehrenamtskoordinationskreis",
        "eine Sommerbühne",
    ),
    "ar": ("مقهى الإصلاح", "مقاعد على النهر", "مكتبة الأدوات", "مسرح الصيف", "رقم هاتف واحد للجميع"),
}
MORE = {
    "en": ("It began with two people and a key.", "Money is not what is missing.", "Once a month would be enough."),
    "de": ("Angefangen hat es mit zwei Leuten.", "Am Geld liegt es nicht.", "Einmal im Monat würde reichen."),
    "ar": ("بدأ الأمر بشخصين.", "المال ليس هو المشكلة.", "مرة في الشهر تكفي."),
}
TITLES = ("Räume", "Time", "Who does it", "Öffentlichkeitsarbeit", "Money", "Young and old", "Wege")
NOTES = ("Two offer to begin in spring.", "Klären, wer den Schlüssel hat.", "Invite the others to the next meeting.")


class Chatter:
    """The texts of one person; `mark` makes each of them this person's."""

    def __init__(self, random: Random, mark: str) -> None:
        self.random = random
        self.mark = mark
        self.number = 0

    def idea(self, longest: int) -> tuple[str, str]:
        """(text, language), at most `longest` characters, and no two alike where there is room for the mark."""
        language = self.random.choices(("en", "de", "ar"), (10, 9, 1))[0]
        one_of = self.random.choice
        text = f"{one_of(PEOPLE[language])} {one_of(DEEDS[language])} {one_of(THINGS[language])}."
        while self.random.random() < 0.4 and len(text) < longest:
            text += " " + one_of(MORE[language])
        self.number += 1
        mark = f" ({self.mark}.{self.number})"
        return (text[: max(0, longest - len(mark))].rstrip() + mark)[-longest:].strip(), language
