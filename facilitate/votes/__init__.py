"""One file is one vote method: check a ballot, tally all."""

from types import ModuleType

from facilitate.core import registry


def modules() -> dict[str, ModuleType]:
    """Every vote method by its name."""
    return registry.modules(__name__)
