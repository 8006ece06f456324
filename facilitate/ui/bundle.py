"""Several of our modules as one file: a phone that is 150 ms away loads one file sooner than twenty.

Modules are plain and served one by one too; this only puts them behind one another, each in a function of its own, in
the order in which they need one another. They keep to a few forms, one to a statement at the start of a line:
`import X, { a, b as c } from "./x.js";`, `export default ...`, `export const|function|async function|class name`.

What a page says it needs later, `import("./x.js" + again)`, is a file of its own beside it, `PAGE.x.js`: it takes from
the page what the page has already, so that nothing is loaded twice.
"""

import re
from collections.abc import Callable, Iterable

_IMPORT = re.compile(r'^import\s+(?:([^;"]*?)\s+from\s+)?"\./([\w.-]+)";\n?', re.MULTILINE)
_EXPORT = re.compile(r"^export (default |(?:(?:async )?function\*?|const|let|class) (\w+))", re.MULTILINE)
_LATER = re.compile(r'\bimport\("\./([\w.-]+)" \+ again\)')


def modules(entry: str, source: Callable[[str], str | None]) -> list[str]:
    """`entry` and all that it imports, each once, those that are needed first in front; `source` of foreign: None."""
    found: list[str] = []

    def follow(name: str) -> None:
        if name in found:
            return
        for _, other in _IMPORT.findall(source(name) or ""):
            follow(other)
        if name not in found:
            found.append(name)

    follow(entry)
    return found


def later(entry: str, source: Callable[[str], str | None]) -> list[str]:
    """The modules that `entry` and what it imports ask for while they run."""
    names = modules(entry, source)
    found = [other for name in names for other in _LATER.findall(source(name) or "")]
    return [name for name in dict.fromkeys(found) if name not in names]


def bundles(entry: str, source: Callable[[str], str | None]) -> dict[str, str]:
    """The modules of `entry` as one, under its own name, and each that comes later under `part_of`."""
    names = modules(entry, source)
    parts = {name: [one for one in modules(name, source) if one not in names] for name in later(entry, source)}
    shared: dict[str, list[str]] = {}
    for name, own in parts.items():
        used = [other for one in own for _, other in _IMPORT.findall(source(one) or "")]
        shared[name] = [other for other in dict.fromkeys(used) if other in names and source(other) is not None]
    given = dict.fromkeys(other for others in shared.values() for other in others)
    made = {entry: _LATER.sub(lambda it: f'import("./{part_of(entry, it[1])}" + again)', _together(names, source))}
    if given:
        made[entry] += f"export {{ {', '.join(map(_name, given))} }};\n"
    for name, own in parts.items():
        taken = f'import {{ {", ".join(map(_name, shared[name]))} }} from "./{entry}";\n' if shared[name] else ""
        made[part_of(entry, name)] = f"{taken}{_together(own, source)}export default {_name(name)}.default;\n"
    return made


def part_of(entry: str, name: str) -> str:
    return f"{entry.removesuffix('.js')}.{name}"


def _together(names: Iterable[str], source: Callable[[str], str | None]) -> str:
    foreign = [name for name in names if source(name) is None]
    lines = [line for name in foreign for line in _foreign(name, names, source)]
    lines += [_wrapped(name, source(name) or "", foreign) for name in names if name not in foreign]
    return "\n".join(lines) + "\n"


def _foreign(name: str, names: Iterable[str], source: Callable[[str], str | None]) -> list[str]:
    """The import statements of a file that is not ours, each form once."""
    forms = {what for module in names for what, other in _IMPORT.findall(source(module) or "") if other == name}
    return [f'import {what} from "./{name}";' if what else f'import "./{name}";' for what in sorted(forms)]


def _wrapped(name: str, text: str, foreign: Iterable[str]) -> str:
    taken = "".join(_taken(what, other) for what, other in _IMPORT.findall(text) if other not in foreign)
    given = ["default: $default" if kind.startswith("default") else own for kind, own in _EXPORT.findall(text)]
    body = _EXPORT.sub(lambda form: "const $default = " if form[2] is None else form[1], _IMPORT.sub("", text))
    return f"const {_name(name)} = (() => {{\n{taken}{body}return {{ {', '.join(given)} }};\n}})();"


def _taken(what: str, other: str) -> str:
    """An import statement as constants."""
    default, _, named = what.partition("{")
    default = default.strip(" ,")
    lines = f"const {default} = {_name(other)}.default;\n" if default else ""
    inner = named.rstrip("} ,").replace(" as ", ": ")
    return lines + (f"const {{{inner} }} = {_name(other)};\n" if named else "")


def _name(module: str) -> str:
    return "$" + re.sub(r"\W", "_", module.removesuffix(".js"))
