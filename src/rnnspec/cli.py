"""The command line: its commands, and how the program ends."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from io import TextIOWrapper

import click

from rnnspec import interruption
from rnnspec.commands import (
    badge,
    carrying,
    claims,
    conventions,
    counterexamples,
    matrix,
    runs,
    studies,
    vectors,
)
from rnnspec.commands.shared import STATUSES
from rnnspec.spec import VERSION


@click.group(epilog=STATUSES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    package_name="rnnspec", message=f"%(prog)s %(version)s, specification {VERSION}"
)
def rnnspec() -> None:
    """Hold recurrent layers (RNN, LSTM, GRU) to their specification."""


for _command in (
    *(runs.run, runs.report_),
    *(counterexamples.replay, counterexamples.reproduce),
    *(claims.list_, claims.show, claims.errata),
    *(vectors.vectors_, vectors.check_answers),
    *(matrix.matrix_, badge.badge_),
    *(conventions.conventions, carrying.convert_, studies.study),
):
    rnnspec.add_command(_command)


def main() -> None:
    """The program. Ctrl-C is 130, being terminated 143; a reader that went away is no error."""
    interruption.listen()
    # one thread for NumPy's products, too: it reads this when it is first imported
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    # Hypothesis would keep notes on the sources that it has read in the user's folder
    notes = os.path.join(tempfile.gettempdir(), "rnnspec-hypothesis")
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", notes)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a letter that the output has not is no error
            stream.reconfigure(errors="backslashreplace")
    try:
        rnnspec.main(prog_name="rnnspec", standalone_mode=False)
        if sys.stdout is not None:  # it may have been closed
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort) as stop:
        click.echo("interrupted", err=True)
        status = (stop.__cause__ or stop).args  # click makes an Abort of it
        sys.exit(status[0] if status else 130)
    except BrokenPipeError:
        _give_up_output()
        sys.exit(141)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
            raise
        _give_up_output()
        click.echo(f"Error: the output cannot be written: {error.strerror or error}", err=True)
        sys.exit(2)


def _give_up_output() -> None:
    """What is still to be written is dropped, or Python would complain of it at its end."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
