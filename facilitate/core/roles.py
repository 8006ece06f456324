"""Who may give which command, beside what each command says of itself: the desks of helpers do a part of the work.

Facilitators may do whatever is done at a desk; an owner is a facilitator who also has all links in hand. The theme desk
sorts; the moderator of the queue looks after what comes in, and writes for those who have no phone. Both take back
what they did themselves, and see what facilitators see.
"""

from collections.abc import Mapping

from facilitate.core import book
from facilitate.core.actors import Role

HELPERS: Mapping[Role, frozenset[str]] = {
    "theme": frozenset(
        {
            "FormCluster", "FormClusters", "MoveIdea", "MoveIdeas", "RenameCluster", "DissolveCluster",
            "SplitCluster", "MergeClusters", "SetAside", "MergeIdeas", "SplitIdeas",
            "Undo",
        }
    ),
    "moderator": frozenset(
        {
            "AcceptIdea", "ReturnIdea", "RejectIdea", "HideIdea", "RestoreIdea", "AdmitLate", "MuteAuthor",
            "UnmuteAuthor", "HideComment", "RestoreComment", "HideAnswer", "RestoreAnswer",
            "PostIdea", "EditIdea", "WithdrawIdea",
            "AnswerHand", "LetIn", "TurnAway",
            "Undo",
        }
    ),
}  # fmt: skip


def may(role: Role, kind: str) -> bool:
    """Whether this role may give commands of this kind at all; the command's own rule says when."""
    return role in book.ROLES[kind] or kind in HELPERS.get(role, ())


def kinds_of(role: Role) -> list[str]:
    """All kinds of commands that a role may give."""
    return sorted(kind for kind in book.COMMANDS if may(role, kind))
