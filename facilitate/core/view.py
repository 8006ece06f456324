"""Who may see what. One function a kind of record; `None` means: this audience does not see it.

What an audience may not see is never sent. Participants and screens see the same; facilitators see more; one person
sees, beyond what all participants see, what became of their own ideas and their own ballot.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import to_builtins

from facilitate.core import answers as answers_
from facilitate.core import ready, seats
from facilitate.core.actors import Actor
from facilitate.core.book import Rules
from facilitate.core.comments import plus_tag
from facilitate.core.groups import table_of, title_of
from facilitate.core.people import breakdown as breakdown_of
from facilitate.core.people import speaks_for
from facilitate.core.rounds import ballot_id, choices_of, hands_of, tally_of
from facilitate.core.state import State
from facilitate.core.tables import Idea, Key

Audience = str  # one of these, "outside", or "group:" and a group's id
AUDIENCES: tuple[Audience, ...] = ("participants", "facilitators", "screens")
WAYS = ("by", "keep", "merge", "rotate", "back", "hosts")  # what is told of groups before they are formed
Record = dict[str, Any]

# What of a session is told at its door; what is told there instead of the other fields, where that is not None.
AT_THE_DOOR = frozenset(
    {
        "type", "id", "code", "title", "languages", "names", "delete_at", "timezone", "operator", "imprint", "privacy",
        "filmed", "attributes", "door",
    }
)  # fmt: skip
BEFORE: Mapping[str, Any] = {"state": "planned", "phases": 0, "called": 0, "sound": False, "hands": False}


def view(state: State, audience: Audience, key: Key, rules: Rules) -> Record | None:
    """The record `key` as this audience sees it."""
    look = RECORDS.get(key[0]) if audience != "outside" else OUTSIDE.get(key[0])
    if look is None or (audience != "facilitators" and not _is_theirs(state, audience, key)):
        return None
    return look(state, audience, key[1], rules)


def _is_theirs(state: State, audience: Audience, key: Key) -> bool:
    """What lies on a group's own board is for this group, but for what a screen shows: that is for all. A group's
    audience holds what is its own alone; the rest comes to it as to all participants."""
    if key[0] == "comment" and key[1] in state.comments:
        key = ("idea", state.comments[key[1]].idea)  # what is said on an idea lies where the idea does
    elif key[0] == "pluses":
        key = ("idea", key[1])
    place = state.place_of(key)
    if not audience.startswith(seats.PREFIX):
        return place is None or state.is_shown(key)
    group = audience[len(seats.PREFIX) :]
    if place is None:
        return key == ("group", group)
    return place.group == group and not state.is_shown(key)


def session(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Everybody sees the session, but for its random id."""
    it = state.session
    if it.id != id_:
        return None
    record: Record = {
        "type": "session",
        "id": it.code,
        "code": it.code,
        "title": it.title,
        "languages": it.languages,
        "names": it.names,
        "state": it.state,
        "phase": it.phase,
        "phases": sum(not phase.removed for phase in state.phases.values()),
        "delete_at": it.delete_at,
        "timezone": rules.timezone_of(it),
        "operator": it.operator,
        "imprint": it.imprint,
        "privacy": it.privacy,
        "filmed": it.filmed,
        "called": it.called,
        "sound": it.sound,
        "grouping": it.grouping,
        "door": it.door,
        "hands": it.hands,
    }
    if it.attributes:
        record["attributes"] = to_builtins(it.attributes)
    if audience == "facilitators":
        record["capacity"] = it.capacity
    return record


def outside(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Who waits at the door sees which workshop it is, what is asked at the door, and what is kept of whom.

    All other fields are what they are before anything has happened.
    """
    it = session(state, audience, id_, rules)
    if it is None:
        return None
    over = {"state": "ended"} if it["state"] == "ended" else {}
    return {field: value if field in AT_THE_DOOR else BEFORE.get(field) for field, value in it.items()} | over


def phase(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Everybody sees the agenda; a question only once it has been asked; the guide is for facilitators alone."""
    it = state.phases.get(id_)
    if it is None or it.removed:
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
    if it.skipped:
        record["skipped"] = True
    if wish := it.settings.get("groups"):
        record["groups"] = {way: wish[way] for way in WAYS if wish.get(way)}
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
    if it.settings.get("ready"):
        record["run"] = it.runs
    look = rules.ask(it, "view")
    if look is not None:
        record["doing"] = look(state, it)
    if audience == "facilitators":
        record |= {"guide": it.guide, "begin": it.begin, "shown": it.shown, "spent": it.spent}
        if it.inserted:
            record |= {"inserted": True, "repeats": it.repeats}
    return record


def board(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Everybody sees that a board is there; facilitators also whether they have peeked."""
    it = state.boards.get(id_)
    if it is None or it.removed:
        return None
    record: Record = {
        "type": "board",
        "id": it.id,
        "title": it.title,
        "columns": [{"id": column.id, "title": column.title} for column in it.columns],
        "locked": state.is_locked(it.id),
        "revealed": it.revealed,
        "clusters_shown": it.clusters_shown,
    }
    if it.frozen:
        record["frozen"] = True
    if it.of is not None:
        record |= {"of": it.of, "group": it.group, "table": it.table, "prompt": it.prompt}
        if code := table_of(state, it.id):
            record["code"] = code
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
        if it.aside:
            record["aside"] = True
        if it.same_as:
            record["same_as"] = it.same_as
        if is_covered(state, it):
            record["text"] = None
        _share(record, state, state.shown_on(it.id), audience)
        if it.reason:
            record["reason"] = it.reason
        if it.review:
            record["rev"] = it.rev
        record["phase"] = it.phase
        return record
    if not it.is_visible:
        return None
    record = idea_record(state, it)
    if state.boards[it.board].clusters_shown or (it.cluster and state.is_shown(("cluster", it.cluster))):
        if it.cluster:
            record["cluster"] = it.cluster
        if it.aside:
            record["aside"] = True
    _share(record, state, [other for other in state.shown_on(it.id) if not other.face_down], audience)
    return record


def is_covered(state: State, it: Idea) -> bool:
    """Whether even facilitators do not read it yet."""
    strict = state.phases[it.phase].settings.get("strict")
    return it.face_down and not it.review and bool(strict or not state.boards[it.board].peeked)


def holds_covered(state: State) -> bool:
    """Whether there is something in the log that not even facilitators read yet.

    A card face down, also one that its author took back; a ballot of a round that is open.
    """
    if any(is_covered(state, it) and not it.erased for it in state.ideas.values()):
        return True
    return any(it.state == "open" and state.ballots_in(it.id) for it in state.rounds.values())


def _share(record: Record, state: State, others: list[Idea], audience: Audience) -> None:
    """The duplicates on an idea's card, each with its own text and, where names are shown, its own author."""
    also = []
    for other in others:
        one: Record = {"id": other.id, "number": other.number, "text": other.text, "lang": other.lang}
        if audience == "facilitators" and is_covered(state, other):
            one["text"] = None
        if author := idea_record(state, other).get("author"):
            one["author"] = author
        also.append(one)
    if also:
        record["also"] = also


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
    if it.origin:
        record["origin"] = it.origin
        own = state.boards[it.origin.board]
        if own.of:  # where a card was a group's, that board is the group's alone; so here is what it is called
            record["origin"] = {**to_builtins(it.origin), "of": own.of, "table": table_of(state, own.id) or own.table}
    if state.session.names != "none" and state.names.get(it.author, {}).get("name"):
        record["author"] = state.names[it.author]["name"]
    if it.chosen:
        record["chosen"] = True
    return record


def cluster(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Facilitators see every cluster; others once a phase has shown those of the board."""
    it = state.clusters.get(id_)
    if it is None or it.dissolved:
        return None
    shown = state.boards[it.board].clusters_shown or state.is_shown(("cluster", it.id))
    if audience != "facilitators" and not shown:
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
    record: Record = {
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
    if audience == "facilitators" and (hands := hands_of(state, it)):
        record["hands"] = hands  # as they were entered, also while the phones still vote
    return record


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
    record: Record = {
        "type": "tally",
        "id": it.id,
        "round": it.id,
        "results": dict(results),
        "voters": state.voters_in(it.id),
    }
    hands = {option: n for option, n in hands_of(state, it).items() if option in record["results"]}
    if hands:
        record["hands"] = hands  # how many of each number were hands counted in the room
    return record


def note(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Facilitators see every note; others where the phase shows them."""
    it = state.notes.get(id_)
    if it is None or not it.text:
        return None
    shown = state.phases[it.phase].settings.get("show_notes", False)
    if audience != "facilitators" and not shown:
        return None
    return {"type": "note", "id": it.id, "phase": it.phase, "item": it.item, "text": it.text}


def comment(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """With its idea: whoever sees that sees what is said to it. Facilitators also see hidden ones."""
    it = state.comments.get(id_)
    if it is None or it.withdrawn or it.erased:
        return None
    on = state.ideas[it.idea]
    if on.withdrawn or on.erased or (audience != "facilitators" and (it.hidden or not on.is_visible)):
        return None
    record: Record = {"type": "comment", "id": it.id, "idea": it.idea, "text": it.text, "lang": it.lang}
    if audience == "facilitators":
        record["state"] = it.state
        if it.reason:
            record["reason"] = it.reason
    return record


def pluses(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """How many agree with an idea, for all who see it; never who."""
    on = state.ideas.get(id_)
    n = state.agreed.get(id_, 0)
    if on is None or not n or on.withdrawn or on.erased or (audience != "facilitators" and not on.is_visible):
        return None
    return {"type": "pluses", "id": id_, "n": n}


def answer(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """What somebody said in words: for facilitators, and for all where the phase shares answers. Never a number."""
    it = state.answers.get(id_)
    if it is None or it.withdrawn or it.erased or it.text is None:
        return None
    if audience != "facilitators" and (it.hidden or not answers_.are_shared(state, state.phases[it.phase])):
        return None
    record: Record = {"type": "answer", "id": it.id, "phase": it.phase, "text": it.text, "lang": it.lang}
    if audience == "facilitators":
        record["state"] = it.state
        if it.reason:
            record["reason"] = it.reason
    return record


def answers(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """How many have answered, for all; how many chose what, for facilitators, and for all where it is shared."""
    it = state.phases.get(id_)
    asked = answers_.asked(it, rules) if it else None
    if it is None or asked is None or not it.was_started:
        return None
    record: Record = {"type": "answers", "id": id_, "n": len(answers_.in_phase(state, id_))}
    if asked.steps and (audience == "facilitators" or answers_.are_shared(state, it)):
        record["numbers"] = answers_.numbers(state, id_, asked.steps)
    return record


def mute(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """For facilitators: by which card somebody was muted or removed, and why. What else is theirs nobody learns."""
    it = state.mutes.get(id_)
    if it is None or not it.level or audience != "facilitators":
        return None
    return {"type": "mute", "id": it.id, "level": it.level, "reason": it.reason}


def participant(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """To facilitators, where names are kept at all."""
    it = state.participants.get(id_)
    if it is None or audience != "facilitators" or state.session.names == "none" or it.state != "in":
        return None
    return {"type": "participant", "id": it.id, "people": it.people, **_row(state, id_)}


def _row(state: State, participant: str) -> Record:
    """What is shown of somebody: the name where names are kept, attributes only where names are shown."""
    row = state.names.get(participant, {})
    shown = {"optional": ("name",), "shown": ("name", "attributes")}.get(state.session.names, ())
    return {key: row[key] for key in shown if row.get(key)}


def knock(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Who waits at the door, or was turned away there; for facilitators, in the order of knocking."""
    it = state.participants.get(id_)
    if it is None or audience != "facilitators" or it.state == "in":
        return None
    return {"type": "knock", "id": it.id, "state": it.state, "at": it.knocked, **_row(state, id_)}


def hand(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """A hand that is up, for facilitators; with a name only where names are shown."""
    it = state.hands.get(id_)
    if it is None or audience != "facilitators" or it.state != "up":
        return None
    record: Record = {"type": "hand", "id": it.id, "of": it.of, "at": it.at}
    if it.table:
        record["table"] = it.table
    if name := _row(state, it.by).get("name"):
        record["name"] = name
    return record


def breakdown(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """How many gave which answer when they joined, for facilitators; nothing of fewer than a handful."""
    plan = next((plan for plan in state.attributes_asked() if plan.id == id_), None)
    if plan is None or audience != "facilitators":
        return None
    told, rest = breakdown_of(state, plan)
    return {"type": "breakdown", "id": id_, "told": told, "rest": rest}


def screen(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Everybody may know what a screen shows."""
    it = state.screens.get(id_)
    if it is None or it.closed:
        return None
    return {"type": "screen", "id": it.id, "shows": it.shows, "title": it.title}


def group(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Facilitators see every group, its members their own one; what it is for all is among the counts."""
    it = state.groups.get(id_)
    if it is None or it.gone or (audience != "facilitators" and audience != f"{seats.PREFIX}{id_}"):
        return None
    members = state.members_of(it.id)
    record: Record = {
        "type": "group",
        "id": it.id,
        "phase": it.grouping,
        "number": it.number,
        "name": it.name,
        "board": it.board,
        "people": sum(member.people for member in members),
    }
    if title := title_of(state, it):
        record["title"] = title
    if hosts := sum(member.stays for member in members):
        record["hosts"] = hosts
    return record


def member(state: State, audience: Audience, id_: str, rules: Rules) -> Record | None:
    """Facilitators see who sits where: by name where names are shown, else by the number of the seat."""
    it = state.members.get(id_)
    if it is None or audience != "facilitators":
        return None
    record: Record = {"type": "member", "id": it.id, "group": it.group, "seat": it.seat}
    if it.stays:
        record["stays"] = True
    name = state.names.get(it.id.partition("/")[2], {}).get("name")
    return {**record, "name": name} if name and state.session.names != "none" else record


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
    "knock": knock,
    "hand": hand,
    "breakdown": breakdown,
    "screen": screen,
    "group": group,
    "member": member,
    "comment": comment,
    "pluses": pluses,
    "answer": answer,
    "answers": answers,
    "mute": mute,
}
OUTSIDE: Mapping[str, Callable[[State, Audience, str, Rules], Record | None]] = {"session": outside}


# --- what one person sees beyond the other participants


def own(state: State, person: Actor, id_: str) -> Record | None:
    """What became of an idea that this person wrote."""
    it = state.ideas.get(id_)
    if it is None or it.erased or it.source != "phone" or not person.wrote(it.author, it.id):
        return None
    record: Record = {"type": "own", "id": it.id, "idea": it.id, "state": it.state, "phase": it.phase}
    if (it.hidden or it.review) and it.reason:
        record["reason"] = it.reason
    if it.same_as:
        record["same_as"] = state.ideas[it.same_as].number
    return record


def own_idea(state: State, person: Actor, id_: str) -> Record | None:
    """One's own idea where the others do not see it: face down, late or hidden."""
    it = state.ideas.get(id_)
    if it is None or it.withdrawn or own(state, person, id_) is None:
        return None
    if it.is_visible and seats.may_see(state, person, ("idea", id_)):
        return None
    record = idea_record(state, it)
    card = state.ideas[it.same_as] if it.same_as else it
    if card.cluster and state.boards[it.board].clusters_shown:
        record["cluster"] = card.cluster
    return record


def own_comment(state: State, person: Actor, id_: str) -> Record | None:
    """What became of a comment that this person wrote, with its text: it may be hidden from all others."""
    it = state.comments.get(id_)
    if it is None or it.withdrawn or it.erased or not person.wrote(it.author, it.id):
        return None
    record: Record = {"type": "said", "id": it.id, "idea": it.idea, "text": it.text, "lang": it.lang, "state": it.state}
    if it.hidden and it.reason:
        record["reason"] = it.reason
    return record


def own_answer(state: State, person: Actor, id_: str) -> Record | None:
    """One's own answer, whoever else may see it."""
    it = state.answers.get(id_)
    if it is None or it.withdrawn or it.erased or not person.wrote(it.author, it.id):
        return None
    record: Record = {"type": "answered", "id": it.id, "phase": it.phase, "value": it.value, "state": it.state}
    if it.text is not None:
        record |= {"text": it.text, "lang": it.lang}
    if it.hidden and it.reason:
        record["reason"] = it.reason
    return record


def own_plus(state: State, person: Actor, id_: str) -> Record | None:
    """Whether one agrees with an idea."""
    mine = state.pluses.get(f"{id_}/{plus_tag(person, id_)}")
    return {"type": "agreed", "id": id_} if mine and mine.on and state.ideas[id_].is_visible else None


def own_mute(state: State, person: Actor, id_: str) -> Record | None:
    """That one may not write (any more), by the thing that it was for."""
    it = state.mutes.get(id_)
    if it is None or not it.level or not person.wrote(it.author, it.id):
        return None
    return {"type": "muted", "id": id_, "level": it.level}


def own_seat(state: State, person: Actor, id_: str) -> Record | None:
    """Where one sits in the groups of now, and what to say to the facilitator who asks (`id_` is "seat")."""
    it = seats.seat_of(state, person)
    if it is None:
        return None
    record: Record = {"type": "seat", "id": "seat", "phase": it.grouping, "group": it.group, "seat": it.seat}
    return {**record, "stays": True} if it.stays else record


def own_ready(state: State, person: Actor, id_: str) -> Record | None:
    """Whether one said that one is ready (`id_` is the phase and its run)."""
    mark = state.marks.get(person.tag(f"ready/{id_}"))
    return {"type": "ready", "id": id_, "phase": mark.phase, "run": mark.run} if mark and mark.there else None


def own_ballot(state: State, person: Actor, id_: str) -> Record | None:
    """One's own ballot in a round (`id_` is the round), as it counts now; `freed` says how many choices lie on what can
    no longer be chosen, as long as others can be made with them."""
    it = state.rounds.get(id_)
    if it is None:
        return None
    cast = state.ballots.get(ballot_id(person, it))
    if cast is None:
        return None
    choices = choices_of(state, it, cast)
    record: Record = {"type": "ballot", "id": it.id, "round": it.id, "choices": choices, "rev": cast.rev}
    freed = sum(cast.choices.values()) - sum(choices.values())
    return {**record, "freed": freed} if freed and it.state == "open" else record


def own_place(state: State, person: Actor, id_: str) -> Record | None:
    """Where somebody stands who is not in, or for how many people they speak."""
    it, people = state.participants.get(person.id), speaks_for(state, person)
    if it is None or (it.state == "in" and people == 1):
        return None
    return {"type": "place", "id": "place", "state": it.state, "people": people}


def own_hand(state: State, person: Actor, id_: str) -> Record | None:
    """One's own hand while it is up."""
    it = state.hands.get(id_)
    if it is None or it.state != "up" or not person.wrote(it.by, it.id):
        return None
    return {"type": "hand", "id": it.id, "of": it.of, "at": it.at}


def counts(state: State) -> Record:
    """The part of the `counts` record that follows from the state; the live floor adds who is here."""
    current = state.current
    record: Record = {"type": "counts", "id": "counts", "posted": 0, "voted": 0, "face_down": 0, "ideas": 0}
    if current is None:
        return record
    record["posted"] = state.posters.get(current.id, 0)
    for (board, down), number in state.lying.items():
        on = state.boards[board]
        if current.board in (on.id, on.of):
            record["ideas"] += number
            record["face_down"] += number if down else 0
    if current.settings.get("ready"):
        record["ready"] = ready.how_many(state, current)
    rounds = [round_ for round_ in state.rounds.values() if round_.phase == current.id]
    if rounds:
        record["voted"] = state.voters_in(rounds[-1].id)
    if any(screen.shows["what"] == "groups" and not screen.closed for screen in state.screens.values()):
        record["groups"] = overview(state)
    return record


def overview(state: State) -> list[Record]:
    """Every group of now with how many people and cards it has: for all, as long as a screen shows it."""
    ideas = Counter[str]()
    for (board, _), number in state.lying.items():
        ideas[board] += number
    people = Counter[str]()
    for member in state.members.values():
        people[member.group] += member.people
    return [
        {
            "id": it.id,
            "number": it.number,
            "name": it.name,
            **({"title": title} if (title := title_of(state, it)) else {}),
            "people": people[it.id],
            "ideas": ideas[it.board or ""],
        }
        for it in state.groups_of(state.session.grouping or "")
    ]
