"""Failures, with the words of `fault` in wit/. Raised, one is the answer of the call."""

from componentize_py_types import Err
from wit_world.imports.types import Fault


def fault(code: str, message: str) -> Err:
    return Err(Fault(code, message, None, []))
