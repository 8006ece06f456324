"""A folder is a registry: every file in it is a plug-in, and the file's name is the plug-in's."""

import pkgutil
from importlib import import_module
from types import ModuleType


def modules(package: str) -> dict[str, ModuleType]:
    """The modules of the package of this name, by their own names, in alphabetical order."""
    found = sorted(module.name for module in pkgutil.iter_modules(import_module(package).__path__))
    return {name: import_module(f"{package}.{name}") for name in found}
