"""Work that behaves and misbehaves, for the pool's tests: what its children import."""

import os
import re
import signal
import sys
import time
from pathlib import Path


def act(item, options):  # noqa: PLR0912
    """Do what the item says; anything that is no order is given back as it is."""
    match item:
        case "hang in Python":
            while True:
                pass
        case "hang in C":
            re.match(r"(a+)+$", "a" * 60 + "b")
        case "hog":
            held = []
            while True:
                held.append(b"x" * 10_000_000)
        case "burst":
            return len(b"x" * 20_000_000_000)
        case "exit":
            os._exit(3)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "sleep":
            time.sleep(600)
        case "raise":
            raise ValueError("no\nway")
        case "sys.exit":
            raise SystemExit(4)
        case "recurse":
            return act_again(item)
        case "unpicklable":
            return lambda: None
    return item


def act_again(item):
    return act_again(item)


def die_once(item, options):
    """Be killed the first time that an item is seen; `options` is a folder that remembers it."""
    mark = Path(options, str(item))
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def kill_server_once(item, options):
    mark = Path(options, "killed")
    if item == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)
    return item


def grow(item, options):
    """Leave the heap as large as the item says; give the process that it was."""
    act.held = b"x" * item
    return os.getpid()


def processes(item, options):
    """Name the process and its server, and then hang in C if the item says so."""
    if item == "hang":
        Path(options).write_text(f"{os.getpid()} {os.getppid()}")
        re.match(r"(a+)+$", "a" * 60 + "b")
    return os.getpid(), os.getppid()


def imported(item, options):
    return sorted({name.partition(".")[0] for name in sys.modules})


class Unreadable:
    """A result that pickles and does not unpickle."""

    def __reduce__(self):
        return int, ("no number",)


def give_unreadable(item, options):
    return Unreadable() if item == 1 else os.getpid()


def note_pid(item, options):
    """Leave a file with the process's number, named after the item."""
    Path(options, str(item)).write_text(str(os.getpid()))
    return os.getpid()
