"""Answers: all are asked one question, and each gives one answer, a step of a scale or words; changed at will.

Activities that ask bring `asks(settings) -> Asked`. Answers are no ideas: they lie on no board, have no number, are not
clustered or voted on. Numbers leave the server only as a sum. Where answers are for the facilitators alone nobody else
is ever sent one.
"""

from typing import Any

from msgspec import Struct

from facilitate.core import text as words
from facilitate.core.book import Case, Command, Decision, Fact, Rules, decides, evolves, set_slice
from facilitate.core.ideas import Blanked, admits, lang_of
from facilitate.core.phases import known
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Answer, Phase


class Asked(Struct, frozen=True):
    """What an answer is: a step from 1 to `steps` (0: none), words of at most `length` characters (0: none)."""

    steps: int = 0
    length: int = 0
    lines: bool = False


class GiveAnswer(Command, frozen=True):
    """One's answer, in place of the one before."""

    phase: str
    value: int | None = None
    text: str | None = None
    lang: str | None = None


class WithdrawAnswer(Command, frozen=True):
    phase: str


class HideAnswer(Command, frozen=True):
    answer: str
    reason: str | None = None


class RestoreAnswer(Command, frozen=True):
    answer: str


class EraseAnswer(Command, frozen=True):
    answer: str


class ShowAnswers(Command, frozen=True):
    phase: str


class AnswerGiven(Fact, frozen=True):
    answer: str
    phase: str
    author: str
    slot: str  # a tag by which the same person is found again in this phase
    value: int | None = None
    text: str | None = None
    lang: str = ""


class AnswerChanged(Fact, frozen=True):
    answer: str
    value: int | None = None
    text: str | None = None
    lang: str = ""


class AnswerWithdrawn(Fact, frozen=True):
    answer: str


class AnswerHidden(Fact, frozen=True):
    answer: str
    reason: str | None = None


class AnswerRestored(Fact, frozen=True):
    answer: str


class AnswersShown(Fact, frozen=True):
    phase: str


def asked(phase: Phase, rules: Rules) -> Asked | None:
    """What the phase asks for; None if nothing."""
    asks = rules.ask(phase, "asks")
    return asks(phase.settings) if asks else None


def are_shared(state: State, phase: Phase) -> bool:
    """Whether all may see the answers now: never, always, or once they were shown."""
    if phase.settings.get("to") == "facilitator":
        return False
    return phase.settings.get("results") != "reveal" or bool((state.slice_of(phase.id) or {}).get("shown"))


def in_phase(state: State, phase: str) -> list[Answer]:
    """The answers that stand."""
    return [answer for answer in state.answers.values() if answer.phase == phase and answer.state == "open"]


def numbers(state: State, phase: str, steps: int) -> list[int]:
    """How many chose each step, from 1 on."""
    chosen = [answer.value for answer in in_phase(state, phase)]
    return [chosen.count(step) for step in range(1, steps + 1)]


def answer_of(case: Case, answer: str) -> Answer:
    found = case.state.answers.get(answer)
    if found is None:
        raise Refused("answer.unknown")
    if found.withdrawn or found.erased:
        raise Refused("answer.gone")
    return found


def _slot(case: Case, phase: Phase) -> str:
    return case.actor.tag(f"answer/{phase.id}")


def _in_time(case: Case, phase: Phase, kind: str) -> None:
    if admits(case, phase, kind):
        raise Refused("phase.over")


@decides(GiveAnswer, "participant")
def _give(command: GiveAnswer, case: Case) -> list[Fact]:
    phase = known(case, command.phase)
    _in_time(case, phase, "GiveAnswer")
    wanted = asked(phase, case.rules)
    assert wanted is not None  # the activity allows answers
    content = _content(command, wanted, case)
    slot = _slot(case, phase)
    before = case.state.answers.get(case.state.slots.get(slot, ""))
    if before is None or before.erased:
        author = case.actor.signs(command.id)
        return [AnswerGiven(answer=command.id, phase=phase.id, author=author, slot=slot, **content)]
    if before.hidden:
        raise Refused("answer.gone")
    same = (before.value, before.text) == (content["value"], content["text"]) and not before.withdrawn
    return [] if same else [AnswerChanged(answer=before.id, **content)]


def _content(command: GiveAnswer, wanted: Asked, case: Case) -> dict[str, Any]:
    if wanted.steps and (command.value is None or not 1 <= command.value <= wanted.steps):
        raise Refused("answer.step")
    text = words.required(command.text or "", wanted.length, lines=wanted.lines) if wanted.length else None
    lang = lang_of(command.lang, text, case.state)
    return {"value": command.value if wanted.steps else None, "text": text, "lang": lang}


@decides(WithdrawAnswer, "participant")
def _withdraw(command: WithdrawAnswer, case: Case) -> list[Fact]:
    phase = known(case, command.phase)
    _in_time(case, phase, "WithdrawAnswer")
    before = case.state.answers.get(case.state.slots.get(_slot(case, phase), ""))
    if before is None or before.withdrawn or before.erased:
        return []
    return [AnswerWithdrawn(answer=before.id)]


@decides(HideAnswer, "facilitator")
def _hide(command: HideAnswer, case: Case) -> list[Fact]:
    answer = answer_of(case, command.answer)
    reason = words.clean(command.reason or "", words.REASON, what="reason") or None
    return [] if answer.hidden else [AnswerHidden(answer=answer.id, reason=reason)]


@decides(RestoreAnswer, "facilitator")
def _restore(command: RestoreAnswer, case: Case) -> list[Fact]:
    answer = answer_of(case, command.answer)
    return [AnswerRestored(answer=answer.id)] if answer.hidden else []


@decides(EraseAnswer, "facilitator")
def _erase(command: EraseAnswer, case: Case) -> Decision:
    found = case.state.answers.get(command.answer)
    if found is None:
        raise Refused("answer.unknown")
    if found.erased:
        return Decision([])
    return Decision([Blanked(answers=(found.id,))], erases=(found.id,))


@decides(ShowAnswers, "facilitator")
def _show(command: ShowAnswers, case: Case) -> list[Fact]:
    phase = known(case, command.phase)
    if asked(phase, case.rules) is None or phase.settings.get("to") == "facilitator":
        raise Refused("not-now", activity=phase.activity)
    return [] if are_shared(case.state, phase) else [AnswersShown(phase=phase.id)]


def touch_answers(state: State, phase: str) -> None:
    """All of them look different when they are shown."""
    state.touch("answers", phase)
    for answer in state.answers.values():
        if answer.phase == phase:
            state.touch("answer", answer.id)


@evolves(AnswerGiven)
def _given(state: State, fact: AnswerGiven) -> None:
    state.put("answer", Answer(fact.answer, fact.phase, fact.author, fact.value, fact.text, fact.lang))
    state.note_slot(fact.slot, fact.answer)
    state.touch("answers", fact.phase)


def _change(state: State, answer: str, **fields: Any) -> None:
    state.set("answer", answer, **fields)
    state.touch("answers", state.answers[answer].phase)


@evolves(AnswerChanged)
def _changed(state: State, fact: AnswerChanged) -> None:
    _change(state, fact.answer, value=fact.value, text=fact.text, lang=fact.lang, withdrawn=False)


@evolves(AnswerWithdrawn)
def _withdrawn(state: State, fact: AnswerWithdrawn) -> None:
    _change(state, fact.answer, withdrawn=True)


@evolves(AnswerHidden)
def _hidden(state: State, fact: AnswerHidden) -> None:
    _change(state, fact.answer, hidden=True, reason=fact.reason)


@evolves(AnswerRestored)
def _restored(state: State, fact: AnswerRestored) -> None:
    _change(state, fact.answer, hidden=False, reason=None)


@evolves(AnswersShown)
def _shown(state: State, fact: AnswersShown) -> None:
    set_slice(state, fact.phase, {**(state.slice_of(fact.phase) or {}), "shown": True})
    touch_answers(state, fact.phase)
