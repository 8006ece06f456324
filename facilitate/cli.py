"""The command line: serve, demo, new, formats, export, rehearse, owner-link."""

import asyncio
import errno
import json
import os
import secrets
import shlex
import socket
import sqlite3
import sys
import webbrowser
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
import typer

from facilitate.core.formats import FormatMistake
from facilitate.core.refused import Refused
from facilitate.core.text import is_web
from facilitate.languages import available, catalogue, of_papers, timezones
from facilitate.live import loop
from facilitate.live.limits import Rate, Rates
from facilitate.store import Damaged
from facilitate.store.folder import Folder, Unusable, default_folder, is_begun

T = TypeVar("T")

SAMPLE = "co-learning-sharing-creation"
NOBODY = "the-owner-of-no-data-folder"  # what a server is told that knows no token of ours
RATES = Rates()
OLD = "For sessions that were made before each had a time zone of its own; else this machine's."
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _zone(name: str) -> str:
    """Before the commands, whose options name it. Refused: what is no time zone."""
    if name and name not in timezones():
        raise typer.BadParameter(f"{name} is no time zone. Name it as in Europe/Berlin.", param_hint="--timezone")
    return name


def _wished() -> str:
    """The language that this machine speaks to whoever uses it: `de-DE`; "" where none is set."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, names), "").partition(".")[0].replace("_", "-")


command = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run phased co-learning, co-sharing and co-creation sessions for a room of two hundred people.",
)

Data = Annotated[
    Path | None, typer.Option("--data", envvar="FACILITATE_DATA", help="The data folder.", show_default=False)
]
Host = Annotated[str, typer.Option(envvar="FACILITATE_HOST", help="Where to listen.")]
Port = Annotated[int, typer.Option(envvar="FACILITATE_PORT", min=1, max=65535)]
Public = Annotated[
    str, typer.Option("--public-url", envvar="FACILITATE_PUBLIC_URL", help="The address that phones open.")
]
PhoneRate = Annotated[
    str,
    typer.Option(
        envvar="FACILITATE_PHONE_RATE", metavar="RATE/BURST", help="Commands of one phone, a second and at once."
    ),
]
SessionRate = Annotated[
    str,
    typer.Option(envvar="FACILITATE_SESSION_RATE", metavar="RATE/BURST", help="Commands of a session's people in all."),
]
Zone = Annotated[
    str,
    typer.Option(
        "--timezone",
        envvar="FACILITATE_TIMEZONE",
        metavar="ZONE",
        help="The time zone of new sessions, such as Europe/Berlin; else this machine's.",
        show_default=False,
        callback=_zone,
    ),
]
Open = Annotated[bool, typer.Option("--open/--no-open", help="Open the browser where there is a desktop.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@command.command()
def serve(
    data: Data = None,
    host: Host = "0.0.0.0",
    port: Port = 8080,
    public_url: Public = "",
    phone_rate: PhoneRate = str(RATES.participant),
    session_rate: SessionRate = str(RATES.session),
    timezone: Zone = "",
    open_: Open = False,
) -> None:
    """Start the server."""
    _serve(data, host, port, public_url, _rates(phone_rate, session_rate), timezone, open_, sample=False)


@command.command()
def demo(
    data: Data = None,
    host: Host = "0.0.0.0",
    port: Port = 8080,
    public_url: Public = "",
    phone_rate: PhoneRate = str(RATES.participant),
    session_rate: SessionRate = str(RATES.session),
    timezone: Zone = "",
    open_: Open = True,
) -> None:
    """Start the server with a sample session and print its links."""
    _serve(data, host, port, public_url, _rates(phone_rate, session_rate), timezone, open_, sample=True)


def _rates(phone: str, session: str) -> Rates:
    return Rates(participant=_rate(phone, "--phone-rate"), session=_rate(session, "--session-rate"))


def _rate(text: str, option: str) -> Rate:
    try:
        return Rate.read(text)
    except ValueError:
        why = f"{text} is no rate. Say how many a second and how many at once, such as {RATES.participant}."
        raise typer.BadParameter(why, param_hint=option) from None


def _serve(
    data: Path | None, host: str, port: int, public: str, rates: Rates, timezone: str, open_: bool, *, sample: bool
) -> None:
    from facilitate import app  # it takes a second to import, and the other commands do without

    if public and not is_web(public):
        why = f"{public} is no address such as https://workshop.example.org (it begins with http:// or https://)."
        raise typer.BadParameter(why, param_hint="--public-url")
    settings = app.Settings(
        data=data or default_folder(), host=host, port=port, public=public, rates=rates, timezone=timezone
    )

    async def ready(lobby: Any) -> None:
        folder = Folder(settings.data)
        is_told = sys.stdout.isatty() or not folder.has_owner()
        owner = folder.owner_token()
        lines = {"Home": f"{settings.url}/home#{owner}"}
        if sample:
            code = await _sample(lobby, folder)
            lines = {
                "Desk": f"{settings.url}/desk/{code}#{owner}",
                "Screen": f"{settings.url}/s/{code}",
                "Join": f"{settings.url}/j/{code}",
                **lines,
            }
        print(f"facilitate is running. Data: {settings.data}")
        for name, link in lines.items():
            print(f"  {name + ':':8}{link if is_told else link.partition('#')[0]}")
        if not is_told:
            command = shlex.join(["facilitate", "owner-link", "--data", str(settings.data)])
            print(f"The owner's secret link is printed by: {command}")
        _tell_addresses(settings, app.addresses())
        sys.stdout.flush()
        if open_ and _has_desktop():
            asyncio.get_running_loop().call_later(0.5, webbrowser.open, next(iter(lines.values())))

    try:
        _run(app.serve(settings, ready))
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            _refuse(f"{host} is no address of this machine ({error.strerror}). Name one of its own with --host.")
        _refuse(f"Port {port} cannot be used ({error.strerror}). End what uses it, or take another with --port.")


def _tell_addresses(settings: Any, found: list[str]) -> None:
    if settings.public:
        print(f"Phones open {settings.url}.")
    elif found and settings.host in ("0.0.0.0", "::"):
        others = ", ".join(f"http://{address}:{settings.port}" for address in found)
        print(f"Phones in the same network can reach it at {others}")
    else:
        print("No network address was found: phones cannot reach it. Connect to a network, or use --public-url.")


def _has_desktop() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


async def _sample(lobby: Any, folder: Folder) -> str:
    """The code of the sample session of this data folder; made if it is not there, or over."""
    from facilitate.live.lobby import NewSession

    code = folder.sampled()
    if any(entry.code == code and entry.state != "ended" for entry in lobby.entries()):
        return code
    created = await lobby.create(NewSession(format=SAMPLE))
    folder.keep_sample(created.code)
    return str(created.code)


@command.command()
def new(
    format_: Annotated[str, typer.Argument(metavar="FORMAT", help="See `facilitate formats`.")],
    title: Annotated[str | None, typer.Option(help="The session's title, in its first language.")] = None,
    timezone: Zone = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Make a session and print its links."""
    from facilitate.live.links import described
    from facilitate.live.lobby import NewSession

    async def make(lobby: Any) -> dict[str, Any]:
        if format_ not in lobby.formats:
            _refuse(f'There is no format "{format_}". There are: {", ".join(lobby.formats)}.')
        texts = dict.fromkeys(lobby.formats[format_].languages, title) if title and title.strip() else None
        return described(await lobby.create(NewSession(format=format_, title=texts, timezone=timezone)), lobby)

    answer = _run(_with_lobby(lambda: Folder(data or default_folder()), make))
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    print(f"{answer['code']}  {next(iter(answer['title'].values()))}")
    for name, link in answer["links"].items():
        print(f"  {name.capitalize() + ':':9}{link}")


@command.command()
def formats(as_json: AsJson = False, data: Data = None) -> None:
    """List the formats that sessions can be made from."""
    from facilitate.live.folders import sessions_folder
    from facilitate.live.formats import load
    from facilitate.live.opening import rules

    try:
        book = rules()
        found = load(sessions_folder(), book.activities, book.methods)
    except FormatMistake as mistake:
        _refuse(f"{mistake}. Mend the file and try again.")
    if as_json:
        rows = [{**msgspec.to_builtins(one), "minutes": one.minutes} for one in found.values()]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for one in found.values():
        print(f"{one.id:32}{one.minutes:g} min  {next(iter(one.title.values()))}")


@command.command()
def export(
    code: Annotated[str, typer.Argument(metavar="CODE")],
    to: Annotated[str, typer.Option("--to", metavar="KIND", help="markdown, html, csv or json")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Else to standard output.")] = None,
    language: Annotated[str | None, typer.Option(help="Of headings and labels; else the session's.")] = None,
    timezone: Annotated[
        str, typer.Option(envvar="FACILITATE_TIMEZONE", metavar="ZONE", help=OLD, show_default=False, callback=_zone)
    ] = "",
    data: Data = None,
) -> None:
    """Write a session's harvest to a file."""
    from facilitate import exports
    from facilitate.live.reports import written

    kinds = exports.kinds()
    if to not in kinds:
        _refuse(f'There is no export "{to}". There are: {", ".join(sorted(kinds))}.')
    if language is not None and language not in available():
        _refuse(f'There is no language "{language}". There are: {", ".join(available())}.')

    async def write(lobby: Any) -> bytes:
        runner = await lobby.find(code)
        return await written(runner, lobby, to, language or of_papers(_wished(), runner.state.session.languages))

    content = _run(_with_lobby(lambda: _there(data), write, timezone, key=secrets.token_bytes(32)))
    if out is None:
        sys.stdout.buffer.write(content)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        _refuse(f"{out} cannot be written ({error.strerror}). Choose another file with --out.")
    print(f"Written: {out}", file=sys.stderr)


@command.command()
def rehearse(
    where: Annotated[str, typer.Argument(metavar="CODE|URL")],
    people: Annotated[int, typer.Option(min=1, max=5000)] = 30,
    seconds: Annotated[float, typer.Option(min=1, max=7200, help="How long the phases take, all together.")] = 60,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Let simulated participants go through all phases of a session, over the real wire, and say what was seen."""
    from facilitate.live import rehearsal

    async def hold() -> rehearsal.Findings:
        folder = None if "/" in where and not is_begun(data or default_folder()) else _there(data)
        code, url, token = rehearsal.target(where, folder.announced() if folder and "/" not in where else None)
        token = token or (folder.owner_token() if folder else NOBODY)
        return await rehearsal.rehearse(url, code, token, people=people, seconds=seconds, quiet=as_json)

    try:
        findings = _run(hold())
    except rehearsal.Hindered as why:
        _refuse(str(why))
    print(json.dumps(msgspec.to_builtins(findings), indent=2) if as_json else rehearsal.told(findings))
    if not findings.is_whole:
        _refuse("Something was lost, doubled or shown differently: keep these figures, and see the server's log.")


@command.command("owner-link")
def owner_link(
    renew: Annotated[bool, typer.Option("--renew", help="A new link; the old one opens nothing any more.")] = False,
    data: Data = None,
) -> None:
    """Print the link that opens everything on this server."""
    with _refusals():
        folder = _there(data)
        token = folder.renew_owner_token() if renew else folder.owner_token()
        print(f"{folder.announced() or 'http://localhost:8080'}/home#{token}")


def _there(data: Path | None) -> Folder:
    """The data folder of a command that only reads."""
    return Folder.there(data or default_folder())


async def _with_lobby(open_: Callable[[], Folder], do: Any, timezone: str = "", *, key: bytes | None = None) -> Any:
    """Run `do` with the lobby of a data folder, beside a server that may be running."""
    from facilitate.live.opening import lobby_of

    folder = open_()
    lobby = lobby_of(folder, folder.announced() or "http://localhost:8080", timezone=timezone, key=key)
    await lobby.start(beside=True)
    try:
        return await do(lobby)
    finally:
        await lobby.stop()


def _run(work: Coroutine[Any, Any, T]) -> T:
    with _refusals():
        return loop.run(work)


@contextmanager
def _refusals() -> Iterator[None]:
    """What may go wrong, as one line and exit 1; a port that is taken is its own command's."""
    try:
        yield
    except Refused as refused:
        sentence = catalogue("en").say(f"error.{refused.key}", **refused.values)
        _refuse(sentence)
    except FormatMistake as mistake:
        _refuse(f"{mistake}. Mend the file and try again.")
    except (Damaged, Unusable) as why:
        _refuse(str(why))
    except OSError as error:
        if error.errno in FULL:
            _refuse(f"Nothing more can be written ({error.strerror}). Make room on the disk, or name another folder.")
        if error.filename is None:
            raise
        what = f"{error.filename} cannot be used ({error.strerror})"
        _refuse(f"{what}: run this as the user whose data folder it is, or name another folder with --data.")
    except sqlite3.Error as error:
        _refuse(f"The data folder cannot be used ({error}). Make room on the disk, or name another folder with --data.")
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(1)


def main() -> None:
    command()
