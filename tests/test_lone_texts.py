"""Pages that a browser translates: each text is its element's only child.

Who translates a page takes text nodes away and puts elements in their places. What Vue keeps of a text that stands
beside other children is that node, and nobody sees what it writes there from then on: a clock stands still, a button
says what it no longer does. The text of an element that holds nothing else Vue writes to the element itself. So lists
of children hold elements, and a text that has neighbours gets an element of its own.

Read from the scripts: whatever can come into a list of children is followed through names, calls, imports, parameters
and what components are given, and what may be a text on any of these ways is found. `tests/browser` asks Vue itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

import facilitate.ui
from facilitate.live.folders import assets_folder

JAVASCRIPT = Parser(Language(tree_sitter_javascript.language()))
UI = Path(facilitate.ui.__file__).parent
SOURCES = [*assets_folder().glob("*.js"), *UI.glob("*.js")]
SCRIPTS = {path.name if path.parent == assets_folder() else f"ui/{path.name}": path.read_bytes() for path in SOURCES}

MAKERS = {"h", "told", "wrote", "titled", "part", "default"}  # each gives an element: Vue's, a room's, a slot
NOTHING = {"null", "undefined", "false"}
SAME = {"filter", "slice", "reverse", "sort"}  # a list of what was in the list before
LISTS = {"map", "flatMap", "from"}  # a list of what their function gives
FUNCTIONS = {"arrow_function", "function_expression", "function_declaration", "method_definition"}
ASKS = {"Boolean", "some", "every", "includes", "has"}
NAMES = {"identifier", "shorthand_property_identifier"}
WORTH = {"===", "!==", "<", ">", "<=", ">=", "in", "instanceof"}  # true or false, never "" or 0


def told(node: Node | None) -> str:
    return "" if node is None or node.text is None else node.text.decode()


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.named_children:
        yield from walk(child)


def part(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    assert found is not None, told(node)
    return found


def bare(node: Node) -> Node:
    return bare(node.named_children[0]) if node.type == "parenthesized_expression" else node


def given(call: Node) -> list[Node]:
    return [bare(it) for it in part(call, "arguments").named_children if it.type != "comment"]


def inner(array: Node) -> list[Node]:
    return [bare(it) for it in array.named_children if it.type != "comment"]


def called(call: Node) -> str:
    """The name that a call ends in: `room.told(...)` is `told`."""
    function = bare(part(call, "function"))
    return told(function.child_by_field_name("property") or function)


@dataclass
class Scripts:
    """All scripts as trees, and where each name leads."""

    texts: dict[str, bytes]
    roots: dict[str, Node] = field(default_factory=dict)
    every: dict[str, list[Node]] = field(default_factory=dict)  # by their type
    open: set[tuple[int, bool]] = field(default_factory=set)  # on the way here: who calls itself gives nothing new
    found: dict[int, list[Node]] = field(default_factory=dict)  # the functions that an expression may be
    asked: set[int] = field(default_factory=set)  # whose callers are being looked for

    def __post_init__(self) -> None:
        self.roots = {name: JAVASCRIPT.parse(text).root_node for name, text in self.texts.items()}
        for node in (node for root in self.roots.values() for node in walk(root)):
            self.every.setdefault(node.type, []).append(node)

    # --- what is found

    def texts_with_neighbours(self) -> list[str]:
        found = dict.fromkeys(it for nodes in self.every.values() for node in nodes for it in self.judged(node))
        return sorted(f"{self.file(it)}:{it.start_point.row + 1}: {told(it)[:80]}" for it in found)

    def judged(self, node: Node) -> Iterator[Node]:
        """Texts that this very place would put beside others."""
        if node.type == "call_expression" and called(node) == "h":
            children = given(node)[1:]
            for it in children[-1:] if len(children) < 3 else ():
                yield from self.within(it)
            for it in children[1:] if len(children) > 2 else ():  # h(tag, attributes, child, child)
                yield from self.loose(it)
        elif node.type == "array" and any(self.is_element(it) for it in inner(node)):
            yield from self.within(node)
        elif node.type in ("pair", "method_definition") and self.named(node) == "setup":
            function = bare(part(node, "value")) if node.type == "pair" else node
            for it in self.returned(function):
                for drawn in self.returned(it) if it.type in FUNCTIONS else ():
                    yield from self.loose(drawn)

    def is_element(self, node: Node) -> bool:
        """Whether it surely is one, or a list that holds one."""
        if node.type == "array":
            return any(self.is_element(it) for it in inner(node))
        return node.type == "call_expression" and called(node) in MAKERS

    def within(self, node: Node) -> Iterator[Node]:
        """Texts in any list that this, an element's only child, may be."""
        yield from self.followed(node, alone=True)

    def loose(self, node: Node) -> Iterator[Node]:
        """Texts that this, one of several children, may be."""
        yield from self.followed(node, alone=False)

    def followed(self, node: Node, *, alone: bool) -> Iterator[Node]:
        node = bare(node)
        if (node.id, alone) in self.open:
            return
        self.open.add((node.id, alone))
        try:
            yield from self.ways(node, alone)
        finally:
            self.open.discard((node.id, alone))

    def ways(self, node: Node, alone: bool) -> Iterator[Node]:
        kind = node.type
        if kind == "array":
            for it in inner(node):
                yield from self.loose(it)
        elif kind == "spread_element":
            yield from self.followed(node.named_children[0], alone=False)
        elif kind == "ternary_expression":
            yield from self.followed(part(node, "consequence"), alone=alone)
            yield from self.followed(part(node, "alternative"), alone=alone)
        elif kind == "binary_expression" and told(part(node, "operator")) in ("&&", "||", "??"):
            left, right = part(node, "left"), part(node, "right")
            if told(part(node, "operator")) != "&&" or not self.is_worth(left):
                yield from self.followed(left, alone=alone)
            yield from self.followed(right, alone=alone)
        elif told(node) in NOTHING:
            return
        else:
            ends = list(self.leads(node, alone))
            name = called(node) if kind == "call_expression" else ""
            if not ends and name not in MAKERS and (not alone or name in LISTS):
                yield node
            for end, is_alone in ends:
                yield from self.followed(end, alone=is_alone)

    def is_worth(self, node: Node) -> bool:
        """Whether it is true or false: what stands before `&&` is drawn where it is "" or 0."""
        node = bare(node)
        if node.type == "unary_expression":
            return told(part(node, "operator")) == "!"
        if node.type == "binary_expression":
            operator, sides = told(part(node, "operator")), (part(node, "left"), part(node, "right"))
            return operator in WORTH or (operator in ("&&", "||") and all(map(self.is_worth, sides)))
        return node.type == "call_expression" and called(node) in ASKS

    # --- where names lead

    def leads(self, node: Node, alone: bool) -> Iterator[tuple[Node, bool]]:
        """What this may be, and whether that would be an only child; nothing where nobody can tell."""
        if node.type == "call_expression":
            name, arguments = called(node), given(node)
            function = bare(part(node, "function"))
            if name in MAKERS:
                return
            if name in SAME:
                yield part(function, "object"), alone
            elif name in LISTS:
                for it in self.functions(arguments[-1]):
                    yield from ((end, False) for end in self.returned(it))
            else:
                for it in self.functions(function):
                    yield from ((end, alone) for end in self.returned(it))
        elif node.type in NAMES:
            yield from ((end, alone) for end in self.meant(node))
        elif node.type == "member_expression":
            yield from ((end, alone) for end in self.handed(node))

    def functions(self, node: Node) -> list[Node]:
        """The functions that an expression may be."""
        node = bare(node)
        if node.id not in self.found:
            self.found[node.id] = []  # whoever comes by here again on the way finds nothing new
            self.found[node.id] = list(self.functions_of(node))
        return self.found[node.id]

    def functions_of(self, node: Node) -> Iterator[Node]:
        if node.type in FUNCTIONS:
            yield node
        elif node.type in NAMES:
            for it in self.meant(node):
                yield from self.functions(it)
        elif node.type == "member_expression":
            for it in self.handed(node):
                yield from self.functions(it)
        elif node.type == "call_expression":  # what makes functions
            for it in self.functions(part(node, "function")):
                for end in self.returned(it):
                    yield from self.functions(end)
        elif node.type == "subscript_expression":  # a table of functions
            table = bare(part(node, "object"))
            for it in self.meant(table) if table.type == "identifier" else [table]:
                for entry in it.named_children if it.type == "object" else ():
                    yield from self.functions(self.value(entry))
        elif node.type == "binary_expression":
            yield from self.functions(part(node, "left"))
            yield from self.functions(part(node, "right"))
        elif node.type == "ternary_expression":
            yield from self.functions(part(node, "consequence"))
            yield from self.functions(part(node, "alternative"))

    def returned(self, function: Node) -> Iterator[Node]:
        body = part(function, "body")
        if body.type != "statement_block":
            yield bare(body)
            return
        for it in walk(body):
            if it.type == "return_statement" and it.named_children and self.owner(it) == function:
                yield bare(it.named_children[0])

    def owner(self, node: Node) -> Node | None:
        above = node.parent
        while above is not None and above.type not in FUNCTIONS:
            above = above.parent
        return above

    def file(self, node: Node) -> str:
        return next(name for name, root in self.roots.items() if root == self.root(node))

    def root(self, node: Node) -> Node:
        while node.parent is not None:
            node = node.parent
        return node

    def named(self, node: Node) -> str:
        return told(node.child_by_field_name("key") or node.child_by_field_name("name"))

    def meant(self, name: Node) -> Iterator[Node]:
        """What a name stands for where it is used: values, functions, or what callers give."""
        wanted, scope = told(name), name.parent
        while scope is not None:
            found = list(self.declared(scope, wanted))
            if found:
                yield from found
                return
            scope = scope.parent

    def declared(self, scope: Node, wanted: str) -> Iterator[Node]:
        if scope.type in FUNCTIONS:
            yield from self.parameters(scope, wanted)
        for it in scope.named_children if scope.type in ("program", "statement_block") else ():
            statement = it.named_children[-1] if it.type == "export_statement" and it.named_children else it
            if statement.type == "function_declaration" and told(part(statement, "name")) == wanted:
                yield statement
            elif statement.type in ("lexical_declaration", "variable_declaration"):
                for one in statement.named_children:
                    name, value = part(one, "name"), one.child_by_field_name("value")
                    if value is not None and told(name) == wanted:
                        yield bare(value)
                        yield from self.assigned(scope, wanted)
                    elif value is not None and name.type == "object_pattern" and wanted in map(told, walk(name)):
                        yield from self.taken(bare(value), wanted)
            elif it.type == "import_statement":
                yield from self.imported(it, wanted)

    def taken(self, value: Node, wanted: str) -> Iterator[Node]:
        """What `const { wanted } = make()` takes out of the object that `make` gives."""
        for function in self.functions(part(value, "function")) if value.type == "call_expression" else ():
            for it in self.returned(function):
                for entry in it.named_children if it.type == "object" else ():
                    if told(entry) == wanted or self.named(entry) == wanted:
                        yield from self.meant(entry) if told(entry) == wanted else [bare(part(entry, "value"))]

    def value(self, entry: Node) -> Node:
        """What an object's entry stands for: a method is its own, and a name alone is a name."""
        return bare(part(entry, "value")) if entry.type == "pair" else entry

    def assigned(self, scope: Node, wanted: str) -> Iterator[Node]:
        for it in self.every.get("assignment_expression", ()):
            if told(part(it, "left")) == wanted and self.root(it) == self.root(scope):
                yield bare(part(it, "right"))

    def imported(self, statement: Node, wanted: str) -> Iterator[Node]:
        root = self.roots.get(told(part(statement, "source")).strip("\"'./"))
        clause = next((it for it in statement.named_children if it.type == "import_clause"), None)
        if root is None or clause is None:
            return
        for it in clause.named_children:
            if it.type == "identifier" and told(it) == wanted:
                yield from self.exported(root)
            elif wanted in map(told, walk(it)):
                yield from self.declared(root, wanted)

    def exported(self, root: Node) -> Iterator[Node]:
        """What a script gives as its default."""
        for it in root.named_children:
            if it.type == "export_statement" and it.child_by_field_name("value") is not None:
                yield bare(part(it, "value"))

    def parameters(self, function: Node, wanted: str) -> Iterator[Node]:
        """What callers give for a parameter, and what it is without."""
        single = function.child_by_field_name("parameter")
        listed = function.child_by_field_name("parameters")
        names = [single] if single is not None else inner(listed) if listed is not None else []
        for i, it in enumerate(names):
            assert it is not None
            default = it.child_by_field_name("right") if it.type == "assignment_pattern" else None
            if told(it.child_by_field_name("left") or it) == wanted:
                yield from [bare(default)] if default is not None else []
                for call in self.calls(function):
                    yield from given(call)[i : i + 1]
            elif it.type == "object_pattern" and wanted in map(told, it.named_children):
                objects = [one for call in self.calls(function) for one in given(call)[i : i + 1]]
                entries = [entry for one in objects for entry in one.named_children]
                yield from (self.value(entry) for entry in entries if wanted in (self.named(entry), told(entry)))

    def calls(self, function: Node) -> Iterator[Node]:
        """Calls by the name of a function; of one that a function made, by any name that it was given."""
        above = function if function.type == "function_declaration" else function.parent
        assert above is not None
        is_named = above.type in ("function_declaration", "variable_declarator")
        is_made = above.type in ("return_statement", "arrow_function")
        if not (is_named or is_made) or function.id in self.asked:
            return
        self.asked.add(function.id)
        for call in self.every["call_expression"]:
            callee = part(call, "function")
            if callee.type != "identifier" or (is_named and told(callee) != self.named(above)):
                continue
            if function in self.functions(callee):
                yield call
        self.asked.discard(function.id)

    def handed(self, member: Node) -> Iterator[Node]:
        """What components are given under the name of `props.name`."""
        if told(member.child_by_field_name("object")) != "props":
            return
        wanted = told(part(member, "property"))
        for it in (*self.every.get("pair", ()), *self.every.get("shorthand_property_identifier", ())):
            if wanted in (self.named(it), told(it)) and self.is_given(it):
                yield self.value(it)

    def is_given(self, pair: Node) -> bool:
        call = pair.parent and pair.parent.parent and pair.parent.parent.parent
        return call is not None and call.type == "call_expression" and called(call) in ("h", "part", "awaited")


SCRIPTED = Scripts(SCRIPTS)


def test_every_text_is_its_elements_only_child() -> None:
    assert SCRIPTED.texts_with_neighbours() == []


def found_in(script: str, **more: str) -> list[str]:
    texts = {"a.js": script.encode(), **{f"{name}.js": text.encode() for name, text in more.items()}}
    return [it.partition(": ")[2] for it in Scripts(texts).texts_with_neighbours()]


@pytest.mark.parametrize(
    "script",
    [
        'h("p", [h("b", 1), text])', 'h("p", [text])', 'h("p", ["text"])', 'h("p", [`${n} cards`])',
        'h("p", [h("b"), " "])', 'h("p", [h("b"), 1])', 'h("p", [is ? h("b") : ""])',
        'h("p", [is ? h("b") : say("a")])', 'h("p", [it.text ?? h("b")])',
        'h("p", [n && h("b")])', 'h("p", { class: "a" }, [[say("a")]])',
        'h("p", [...texts])', 'h("p", {}, h("b"), "text")',
        'h("p", all.map(it => it.text))', 'h("p", all.map(it => [h("b"), it]))', 'h("p", all.map(unknown))',
        'const a = say("a"); h("p", [h("b"), a])', 'let a = null; a = say("a"); h("p", [a])',
        'const a = [h("b"), say("a")]; h("p", a)', 'function a() { return say("a"); } h("p", [a()])',
        'const a = () => (is ? h("b") : say("a")); h("p", [a()])', 'const a = word => h("p", [h("b"), word]); a("b")',
        'const a = content => h("p", content); a([h("b"), "text"])',
        'const all = { a: () => "text" }; h("p", [all[name]()])',
        'export default { setup: () => () => [h("p"), say("a")] }', 'export default { setup: () => () => say("a") }',
        'export default { setup: props => () => h("p", [props.below()]) }; h(own, { below: () => "text" })',
        'const { a } = make(); function make() { return { a: () => "text" }; } h("p", [a()])',
    ],
)  # fmt: skip
def test_texts_with_neighbours_are_found(script: str) -> None:
    assert found_in(script) != []


@pytest.mark.parametrize(
    "script",
    [
        'h("p", say("a"))', 'h("p", is ? say("a") : `${n}`)', 'h("p", n)', 'h("p", { class: "a" }, it.text)',
        'h("p", [h("b", 1), h("span", text)])', 'h("p", [is ? h("b") : null])', 'h("p", [!n && h("b")])',
        'h("p", h("b"))', 'h("p", [say("a"), say("b")].join(" "))',
        'h("p", is ? [h("b"), h("span", say("a"))] : say("a"))', 'h("p", [room.told("b", texts)])',
        'h("p", all.map(it => h("b", it)))', 'const row = it => h("li", it.text); h("p", [all.map(row)])',
        'const a = word => h("p", word); a("text"); a([h("b")])',
        'const tuple = ["failed", say("a")]; const [word] = tuple; h("p", word)',
        'export default { setup: () => () => [h("p"), null] }',
    ],
)  # fmt: skip
def test_texts_alone_are_not(script: str) -> None:
    assert found_in(script) == []


def test_what_comes_from_another_script_is_followed_there() -> None:
    imports = 'import { icon } from "./icons.js"; import make from "./parts.js";'
    script = f'{imports} const {{ b }} = make(Vue); h("p", [icon(), b()])'
    parts = 'export default Vue => { const b = () => h("b"); return { b }; };'
    assert found_in(script, icons='export const icon = () => h("svg");', parts=parts) == []
    assert found_in(script, icons='export const icon = () => "*";', parts=parts) == ['"*"']


# --- what is no language, and what NiceGUI draws

NO_LANGUAGE = {"letter", "code", "address", "join-code", "join-address"}


def test_what_is_no_language_says_so() -> None:
    """A cluster's letter, the code and the address: translated, "A" may be an article and a code a word."""
    found = []
    for attributes in SCRIPTED.every["object"]:
        entries = {SCRIPTED.named(it): told(it.child_by_field_name("value")).strip('"') for it in inner(attributes)}
        if entries.get("class") in NO_LANGUAGE and entries.get("translate") != "no":
            found.append(f"{SCRIPTED.file(attributes)}: {told(attributes)}")
    assert found == []


OWN_CHILD = re.compile(r"ui\.(?:label|link|button)\(|with (?:tag|link)\(|\bTextElement\(")


@pytest.mark.parametrize("path", sorted(UI.rglob("*.py")), ids=lambda path: path.name)
def test_staff_pages_write_their_texts_to_elements_that_hold_nothing_else(path: Path) -> None:
    """By `tag` and `link`. What NiceGUI has for texts makes them children."""
    lines = path.read_text("utf-8").splitlines()
    assert [line for line in lines if OWN_CHILD.search(line) and "class Worded" not in line] == []
