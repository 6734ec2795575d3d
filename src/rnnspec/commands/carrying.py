"""Weights, from a file of one framework to a file of another."""

from __future__ import annotations

import sys

import click

ENDED = """
Exit status: 0 it is written, and proven; 1 the two layers are not the same function; 2 wrong
usage, a file that cannot be read or written, or what cannot be carried or proven; 130 interrupted,
143 terminated. But for 0, there is no output.
"""


@click.command("convert", epilog=ENDED, short_help="Carry weights into another framework's file.")
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", metavar="FILE", required=True, help="Where they are written.")
@click.option(
    "--from", "of", metavar="FRAMEWORK", help="Whose names they have, in a safetensors file."
)
@click.option("--to", metavar="FRAMEWORK", help="Whose names they get, in a safetensors file.")
@click.option(
    "--prefix",
    "prefixes",
    metavar="NAME",
    multiple=True,
    help="Which of several layers. Given several times, the lowest first: those of one stack.",
)
@click.option(
    "--activation",
    type=click.Choice(["tanh", "relu"]),
    help="Of a simple unit, where the file does not say.",
)
@click.option(
    "--reset",
    type=click.Choice(["after", "before"]),
    help="Of a GRU, what its reset gate is applied to, where the file does not say.",
)
@click.option(
    "--dtype",
    type=click.Choice(["float64", "float32", "float16", "bfloat16"]),
    help="Round them to it. [default: that of FILE]",
)
@click.option("--no-proof", is_flag=True, help="Do not run the two layers, and compare them.")
@click.option("--force", is_flag=True, help="Put it in the place of a file that is there already.")
def convert_(
    file: str,
    output: str,
    of: str | None,
    to: str | None,
    prefixes: tuple[str, ...],
    activation: str | None,
    reset: str | None,
    dtype: str | None,
    no_proof: bool,
    force: bool,
) -> None:
    """Carry a recurrent layer in FILE into a file of another framework, and prove it.

    Files: .safetensors, with the names of torch, keras, flax-linen, flax-nnx or mlx; .pt, .pth and
    .bin of PyTorch; .weights.h5 and .keras; .onnx. Other layers in FILE are left out.
    """
    from pathlib import Path

    from rnnspec.catalogue import Unusable
    from rnnspec.commands.shared import screen
    from rnnspec.conversion import Different, Wanted, convert
    from rnnspec.reference.naming import Said
    from rnnspec.usage import Usage

    said = Said(activation, reset)
    wanted = Wanted(Path(file), Path(output), of, to, prefixes, said, dtype, not no_proof, force)
    try:
        lines, status = convert(wanted), 0
    except Different as error:
        lines, status = error.args[0], 1
    except (Usage, Unusable) as error:
        raise click.UsageError(str(error)) from None
    for line in lines:
        screen().say(line)
    sys.exit(status)
