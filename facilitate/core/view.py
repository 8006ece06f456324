"""Who may see what. One function a kind of record; `None` means: this audience does not see it.

What an audience may not see is never sent. Participants and screens see the same; facilitators see more; one person
sees, beyond what all participants see, what became of their own ideas and their own ballot.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from facilitate.core.actors import Actor
from facilitate.core.book import Rules
from facilitate.core.rounds import tally_of
from facilitate.core.state import Ballot, Idea, Key, State

Audience = Literal["participants", "facilitators", "screens"]
AUDIENCES: tuple[Audience, ...] = ("participants", "facilitators", "screens")
Record = dict[str, Any]


def view(state: State, audience: Audience, key: Key, rules: Rules) -> Record | None:
    """The record `key` as this audience sees it."""
    look = RECORDS.get(key[0])
    return look(state, audience, key[1], rules) if look else None


def session(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Everybody sees the session, but for its random id."""
    it = state.session
    if it.id != id_:
        return None
    return {
        "type": "session",
        "id": it.code,
        "code": it.code,
        "title": it.title,
        "languages": it.languages,
        "names": it.names,
        "state": it.state,
        "phase": it.phase,
        "phases": len(state.phases),
        "delete_at": it.delete_at,
        "operator": it.operator,
        "imprint": it.imprint,
        "privacy": it.privacy,
        "filmed": it.filmed,
    }


def phase(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Everybody sees the agenda; a question only once it has been asked; the guide is for facilitators alone."""
    it = state.phases.get(id_)
    if it is None:
        return None
    record: Record = {
        "type": "phase",
        "id": it.id,
        "order": it.order,
        "stage": it.stage,
        "activity": it.activity,
        "title": it.title,
        "state": it.state,
        "minutes": it.minutes,
    }
    if audience != "facilitators" and not it.was_started:
        return record
    record |= {
        "board": it.board,
        "prompt": it.prompt,
        "settings": it.settings,
        "started": it.started,
        "ends": it.ends,
        "left": it.left,
    }
    look = rules.ask(it, "view")
    if look is not None:
        record["doing"] = look(state, it)
    if audience == "facilitators":
        record |= {"guide": it.guide, "begin": it.begin}
    return record


def board(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Everybody sees that a board is there; facilitators also whether they have peeked."""
    it = state.boards.get(id_)
    if it is None:
        return None
    record: Record = {
        "type": "board",
        "id": it.id,
        "title": it.title,
        "columns": [{"id": column.id, "title": column.title} for column in it.columns],
        "locked": it.locked,
        "revealed": it.revealed,
        "clusters_shown": it.clusters_shown,
    }
    if audience == "facilitators":
        record |= {"peeked": it.peeked, "revealed_columns": it.revealed_columns}
    return record


def idea(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """All see what lies face up. Facilitators also see late and hidden ones, and face-down ones without text."""
    it = state.ideas.get(id_)
    if it is None or it.withdrawn or it.erased:
        return None
    if audience == "facilitators":
        record = idea_record(state, it)
        if it.cluster:
            record["cluster"] = it.cluster
        strict = state.phases[it.phase].settings.get("strict")
        if it.face_down and (strict or not state.boards[it.board].peeked):
            record["text"] = None
        if it.reason:
            record["reason"] = it.reason
        record["phase"] = it.phase
        return record
    if not it.is_visible:
        return None
    record = idea_record(state, it)
    if it.cluster and state.boards[it.board].clusters_shown:
        record["cluster"] = it.cluster
    return record


def idea_record(state: State, it: Idea) -> Record:
    record: Record = {
        "type": "idea",
        "id": it.id,
        "board": it.board,
        "text": it.text,
        "lang": it.lang,
        "number": it.number,
        "source": it.source,
        "state": it.state,
    }
    if it.column:
        record["column"] = it.column
    if state.session.names != "none" and state.names.get(it.author, {}).get("name"):
        record["author"] = state.names[it.author]["name"]
    return record


def cluster(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Facilitators see every cluster; others once a phase has shown those of the board."""
    it = state.clusters.get(id_)
    if it is None or it.dissolved:
        return None
    if audience != "facilitators" and not state.boards[it.board].clusters_shown:
        return None
    return {"type": "cluster", "id": it.id, "board": it.board, "title": it.title, "letter": it.letter}


def round_(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Everybody sees what can be chosen. While a round is open, `options` says what they are of its board."""
    it = state.rounds.get(id_)
    if it is None:
        return None
    options = it.options
    if options is not None and audience != "facilitators":
        options = tuple(option for option in options if state.shows(option))
    return {
        "type": "round",
        "id": it.id,
        "phase": it.phase,
        "board": it.board,
        "method": it.method,
        "settings": it.settings,
        "options": it.of if options is None else options,
        "state": it.state,
        "number": it.number,
        "named": it.named,
    }


def tally(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Nobody sees an open round's count; facilitators see a closed one's; all see what was shown."""
    it = state.rounds.get(id_)
    if it is None or it.method not in rules.methods:
        return None
    if it.state != "shown" and not (audience == "facilitators" and it.state == "closed"):
        return None
    results = tally_of(state, it, rules.methods)
    if audience != "facilitators":
        results = [(option, number) for option, number in results if state.shows(option)]
    return {
        "type": "tally",
        "id": it.id,
        "round": it.id,
        "results": dict(results),
        "voters": len(state.ballots_in(it.id)),
    }


def note(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Facilitators see every note; others where the phase shows them."""
    it = state.notes.get(id_)
    if it is None or not it.text:
        return None
    shown = state.phases[it.phase].settings.get("show_notes", False)
    if audience != "facilitators" and not shown:
        return None
    return {"type": "note", "id": it.id, "phase": it.phase, "item": it.item, "text": it.text}


def participant(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """To facilitators, where names are kept at all."""
    it = state.participants.get(id_)
    if it is None or audience != "facilitators" or state.session.names == "none":
        return None
    return {"type": "participant", "id": it.id, "people": it.people, **state.names.get(id_, {})}


def screen(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Everybody may know what a screen shows."""
    it = state.screens.get(id_)
    return {"type": "screen", "id": it.id, "shows": it.shows} if it else None


RECORDS: Mapping[str, Callable[[State, Audience, str, Rules], Record | None]] = {
    "session": session,
    "phase": phase,
    "board": board,
    "idea": idea,
    "cluster": cluster,
    "round": round_,
    "tally": tally,
    "note": note,
    "participant": participant,
    "screen": screen,
}


# --- what one person sees beyond the other participants


def own(state: State, person: Actor, id_: str) -> Record | None:
    """What became of an idea that this person wrote."""
    it = state.ideas.get(id_)
    if it is None or it.erased or it.source != "phone" or not person.wrote(it.author, it.id):
        return None
    record: Record = {"type": "own", "id": it.id, "idea": it.id, "state": it.state, "phase": it.phase}
    if it.hidden and it.reason:
        record["reason"] = it.reason
    return record


def own_idea(state: State, person: Actor, id_: str) -> Record | None:
    """One's own idea where the others do not see it: face down, late or hidden."""
    it = state.ideas.get(id_)
    if it is None or it.is_visible or it.withdrawn or own(state, person, id_) is None:
        return None
    record = idea_record(state, it)
    if it.cluster and state.boards[it.board].clusters_shown:
        record["cluster"] = it.cluster
    return record


def own_ballot(state: State, person: Actor, id_: str) -> Record | None:
    """One's own ballot in a round (`id_` is the round)."""
    it = state.rounds.get(id_)
    if it is None:
        return None
    voter = person.id if it.named else person.tag(it.id)
    cast: Ballot | None = state.ballots.get(f"{it.id}/{voter}")
    if cast is None:
        return None
    return {"type": "ballot", "id": it.id, "round": it.id, "choices": cast.choices, "rev": cast.rev}


def counts(state: State) -> Record:
    """The part of the `counts` record that follows from the state; the live floor adds who is here."""
    current = state.current
    record: Record = {"type": "counts", "id": "counts", "posted": 0, "voted": 0, "face_down": 0, "ideas": 0}
    if current is None:
        return record
    record["posted"] = state.posters.get(current.id, 0)
    for idea in state.ideas.values():
        if idea.board == current.board and idea.stands:
            record["ideas"] += 1
            record["face_down"] += idea.face_down
    rounds = [round_ for round_ in state.rounds.values() if round_.phase == current.id]
    if rounds:
        record["voted"] = len(state.ballots_in(rounds[-1].id))
    return record
