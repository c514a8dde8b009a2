# SPDX-License-Identifier: Apache-2.0
"""Assertions of scripts that test the program from outside."""

import pathlib
import sys
import time
from collections.abc import Callable
from typing import NoReturn, TypeVar

Value = TypeVar("Value")


class CheckError(Exception):
    """A check that does not hold; its text says what was expected and what was found."""


def require(condition: object, message: str) -> None:
    """Throws `CheckError` with that message unless the condition holds."""
    if not condition:
        raise CheckError(message)


def wait_until(condition: Callable[[], Value | None], message: str | Callable[[], str], seconds: float = 30) -> Value:
    """Waits until the condition gives something true, and returns that; throws `CheckError` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() >= deadline:
            raise CheckError(message if isinstance(message, str) else message())
        time.sleep(0.02)
    return value


def exit_with(main: Callable[[], int]) -> NoReturn:
    """Ends the program with the status that `main` returns, or with 1 and the text of a `CheckError`."""
    try:
        sys.exit(main())
    except CheckError as error:
        name = "/".join(pathlib.Path(sys.argv[0]).resolve().parts[-2:])
        sys.exit(f"{name}: {error}")
