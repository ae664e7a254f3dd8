"""Errors: Modal's classes where Modal has one, and classes of our own for what Modal does not know."""

from typing import Any, Optional

import modal.exception
from grpclib import Status


class Refused(modal.exception.Error):
    """A condition did not hold. Nothing was changed."""

    def __init__(self, message: str, *, key: Any = None, index: int = 0, found: Optional[str] = None):
        super().__init__(message)
        #: The key of the condition, or of the addition.
        self.key = key
        #: Of the condition among the conditions, or of the addition among the changes.
        self.index = index
        #: The version of what was found there. None: no live entry.
        self.found = found


class NotANumber(Refused):
    """The entry that was to be counted up or down holds something else than an int or a float. Nothing was changed."""

    code = "not_a_number"


class OutOfBounds(Refused):
    """The sum would be outside of the bounds of the call. Nothing was changed."""

    code = "out_of_bounds"


class Unsupported(modal.exception.InvalidError):
    """This place cannot do that. Nothing was changed."""

    code = "unsupported"


_class_names = {
    "conflict": "ConflictError",
    "value_too_large": "RequestSizeError",
    "key_too_large": "RequestSizeError",
    "too_many_entries": "RequestSizeError",
    "request_too_large": "RequestSizeError",
    Status.NOT_FOUND: "NotFoundError",
    Status.ALREADY_EXISTS: "AlreadyExistsError",
    Status.INVALID_ARGUMENT: "InvalidError",
    Status.FAILED_PRECONDITION: "InvalidError",
    Status.UNAUTHENTICATED: "AuthError",
    Status.PERMISSION_DENIED: "PermissionDeniedError",
    Status.DATA_LOSS: "DataLossError",
    Status.INTERNAL: "InternalError",
}


def error_of(status: Status, code: Optional[str], message: str) -> Exception:
    """The exception for an error that the server sent. Its `code` is the server's word for it, if it sent one."""
    if status is Status.UNIMPLEMENTED:
        return Unsupported(
            "the server does not know this call; nothing was changed. Modal's cloud and older Everdict servers lack it"
        )
    if code == "unsupported":
        return Unsupported(message)
    name = _class_names.get(code) or _class_names.get(status) or "ServiceError"
    # Older releases of modal lack some of the classes.
    fallback = modal.exception.InvalidError if name == "ConflictError" else modal.exception.Error
    error = getattr(modal.exception, name, fallback)(message)
    error.code = code
    return error
