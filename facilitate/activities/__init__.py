"""One file is one activity: its settings, what participants may do in it, what it adds to a phase."""

from types import ModuleType

from facilitate.core import registry


def modules() -> dict[str, ModuleType]:
    """Every activity by its name."""
    return registry.modules(__name__)
