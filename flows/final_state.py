"""How a flow ends whose work cannot be done: failed, in the one line that says what to do.

Prefect puts words of its own before the message of an exception that leaves a flow or a task. A UserError is written
for people; any other exception is a defect and stays as it is. (The engine of a run that a worker starts still logs the
error with its traceback as it exits.)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from prefect.client.schemas.objects import State
from prefect.states import Failed

from transforms.masking import masked
from warehouse.errors import UserError

P = ParamSpec("P")


def in_words(work: Callable[P, State[Any]]) -> Callable[P, State[Any]]:
    """Decorate the function of a flow or a task: a UserError becomes its failed state.

    The error is the state's data: whoever calls the flow, as the command line does, is raised it as it was.
    """

    @wraps(work)
    def worded(*args: P.args, **kwargs: P.kwargs) -> State[Any]:
        try:
            return work(*args, **kwargs)
        except UserError as error:
            words = masked(str(error))
            return Failed(message=words, data=error if words == str(error) else UserError(words))

    # Prefect reads types from the signature, and would look for the names in it in this module
    worded.__signature__ = inspect.signature(work, eval_str=True)  # type: ignore[attr-defined]
    return worded


def is_unexpected(_task: object, _run: object, state: State[Any]) -> bool:
    """Whether to try a task again (`retry_condition_fn`): an error that says what to do is the same a moment later."""
    return not isinstance(state.data, UserError)


def never(_task: object, _run: object, _state: State[Any]) -> bool:
    """The condition of a task that is not tried again. Prefect logs the end of one that has none as an exception."""
    return False
