"""A refusal: a command that is not carried out, with a key that every language has a sentence for."""

from typing import Any


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """`key` is `area.fact`; `values` fill the sentence; with `retry` (seconds) the sender keeps the command."""

    def __init__(self, key: str, *, retry: float | None = None, **values: Any) -> None:
        super().__init__(key)
        self.key = key
        self.values = values
        self.retry = retry

    def as_error(self) -> dict[str, Any]:
        """The form in which it goes over the wire: `{key, values, retry?}`."""
        error: dict[str, Any] = {"key": self.key, "values": self.values}
        if self.retry is not None:
            error["retry"] = self.retry
        return error
