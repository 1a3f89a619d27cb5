"""Domain errors. Each carries a stable code and a sentence that says how to mend it.

There is no HTTP in here: the web layer maps a class to a status, the command line to an
exit code.
"""

from __future__ import annotations


class GroundswellError(Exception):
    """Base of every refusal that a caller can mend or wait out.

    Attributes:
        code: a stable snake_case word, part of the public contract.
        message: one sentence for the person who sent the input.
        field: the offending field's name, or None when no single field is at fault.
    """

    def __init__(self, message: str, *, code: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


class InvalidInput(GroundswellError):
    """The input can't be accepted as it stands."""


class TooLarge(GroundswellError):
    """The input is over a stated size."""


class Unsupported(GroundswellError):
    """The input comes in an encoding that is not taken."""


class NotFound(GroundswellError):
    """Nothing is known under this id."""


class Conflict(GroundswellError):
    """The thing changed, or is in a state that does not allow this."""


class Unauthenticated(GroundswellError):
    """No valid key was shown."""


class Forbidden(GroundswellError):
    """The key is valid, but its role may not do this."""


class Unavailable(GroundswellError):
    """Our own trouble (store locked, disk full, no encoder); the same call may work later."""


class TooMany(GroundswellError):
    """The caller asks more often than it may.

    Attributes:
        retry_after: whole seconds after which the same call is let in.
    """

    def __init__(
        self, message: str, *, code: str, retry_after: int, field: str | None = None
    ) -> None:
        super().__init__(message, code=code, field=field)
        self.retry_after = retry_after


class TooSlow(GroundswellError):
    """The caller did not send its input in the time that we wait."""
