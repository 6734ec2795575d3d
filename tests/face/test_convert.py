"""A layer's weights, from a file of one framework to a file of another, and back."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from rnnspec import catalogue, conversion, weight_files
from rnnspec.placing import put
from rnnspec.reference.carrying import Held, fitted
from rnnspec.reference.naming import Said
from rnnspec.reference.network import Network, Place
from rnnspec.usage import Usage
from rnnspec.weight_files import framework
from tests.drawing import drawn

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]

BOTH = [
    Network("lstm", 3, 4, biases="none"),
    Network("lstm", 3, 4, 2, "both", "none"),
    Network("gru", 3, 4, 3, "both", "both"),
    Network("gru", 1, 1, 11, "forward", "both"),
    Network("gru", 5, 2, 2, "forward", "none"),
    Network("rnn", 3, 4, 2, "both", "none", activation="relu"),
]
"""What PyTorch and Keras both have, so that nothing is merged."""
KERAS = [
    *BOTH,
    Network("lstm", 3, 4, 2, "both", "input"),
    Network("gru", 3, 4, 1, "both", "input", reset="before"),
    Network("rnn", 3, 4, 1, "backward", "input"),
]
TORCH = [
    *BOTH,
    Network("lstm", 3, 4, 2, "both", "both", projection=2),
    Network("lstm", 1, 3, 1, "forward", "both", projection=3),
    Network("rnn", 2, 3, 1, "forward", "both"),
]
FLAX = [
    Network("rnn", 3, 4, 2, "both", "input", activation="relu"),
    Network("lstm", 3, 4, 11, "forward", "recurrent"),
    Network("lstm", 3, 4, 2, "both", "recurrent"),
]
LINEN = [*FLAX, Network("gru", 3, 4, 2, "both", "candidate")]
NNX = [*FLAX, Network("gru", 3, 4, 1, "backward", "input")]
MLX = [
    Network("rnn", 3, 4, 1, "forward", "input"),
    Network("lstm", 3, 4, 11, "forward", "input"),
    Network("gru", 3, 4, 2, "forward", "candidate"),
    Network("gru", 3, 4, 2, "forward", "none"),
]
WRITTEN = [
    *(("torch", ".safetensors", network) for network in TORCH),
    *(("flax-linen", ".safetensors", network) for network in LINEN),
    *(("flax-nnx", ".safetensors", network) for network in NNX),
    *(("mlx", ".safetensors", network) for network in MLX),
    *(("keras", suffix, n) for suffix in (".safetensors", ".weights.h5", ".keras") for n in KERAS),
]
OF_ALL = {"rnn": "--activation relu", "gru": "--reset after", "lstm": ""}
"""What files do not say of the networks that all have."""


def held(network: Network, dtype: str = "float32") -> Held:
    return Held(network, drawn(network, dtype).weights, dtype)


def said(network: Network) -> Said:
    return Said(network.activation, network.reset, network.direction)


def same(one: Held, other: Held) -> bool:
    return (one.network, one.dtype, set(one.weights)) == (
        other.network,
        other.dtype,
        set(other.weights),
    ) and all(np.array_equal(one.weights[at], other.weights[at]) for at in one.weights)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize(("of", "suffix", "network"), WRITTEN)
def test_what_is_written_is_read_bit_by_bit(
    of: str, suffix: str, network: Network, dtype: str, tmp_path: Path
) -> None:
    path, layer = tmp_path / f"it{suffix}", held(network, dtype)
    framework(of).write(path, suffix, layer)
    assert same(framework(of).read_back(path, suffix, layer), layer)


@pytest.mark.parametrize("suffix", [".safetensors", ".weights.h5", ".keras"])
@pytest.mark.parametrize("network", BOTH)
def test_there_and_back_is_the_same_file(
    network: Network, suffix: str, rnnspec: Program, tmp_path: Path
) -> None:
    first, there, back = "one.safetensors", f"there{suffix}", "back.safetensors"
    framework("torch").write(tmp_path / first, ".safetensors", held(network))
    told = OF_ALL[network.cell].split()
    ran = rnnspec(
        "convert", first, "--from", "torch", "--to", "keras", "-o", there, "--no-proof", *told
    )
    assert ran.returncode == 0, ran.stderr
    contents = framework("keras").contents(tmp_path / there, suffix)
    layers = framework("keras").naming.layers(contents)
    stack = [f"--prefix={name}" for name in sorted(layers, key=lambda name: (len(name), name))]
    assert len(stack) == network.layers
    ran = rnnspec(
        "convert", there, "--from=keras", "--to=torch", "-o", back, "--no-proof", *stack, *told
    )
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / back).read_bytes() == (tmp_path / first).read_bytes()


def test_others_read_what_is_written_and_the_other_way_round(tmp_path: Path) -> None:
    path, layer = tmp_path / "it.safetensors", held(Network("lstm", 3, 4, biases="input"))
    framework("keras").write(path, ".safetensors", layer)
    found = load_file(path)
    assert {name: array.shape for name, array in found.items()} == {
        "lstm/lstm_cell/kernel": (3, 16),
        "lstm/lstm_cell/recurrent_kernel": (4, 16),
        "lstm/lstm_cell/bias": (16,),
    }
    kernel = found["lstm/lstm_cell/kernel"]
    forget = layer.weights[Place(0, "forward", "forget", "input")]
    assert np.array_equal(kernel[:, 4:8].T, forget.astype(np.float32))
    save_file(found, path)
    assert same(framework("keras").read_back(path, ".safetensors", layer), layer)


def model(path: Path, **layers: Network) -> None:
    """A model of PyTorch with layers by name, and others beside."""
    found = {
        "embed.weight": np.zeros((9, 3), np.float32),
        "steps": np.zeros((), np.int64),
        "out.bias": np.zeros(2, np.float32),
    }
    for name, network in layers.items():
        alone = path.with_name("alone.safetensors")
        framework("torch").write(alone, ".safetensors", held(network))
        prefix = f"{name.replace('__', '.')}." if name != "root" else ""
        found |= {f"{prefix}{own}": array for own, array in load_file(alone).items()}
        alone.unlink()
    save_file(found, path)


LSTM = Network("lstm", 3, 4, 2, "both")
GRU = Network("gru", 8, 4)
CONVERT = ("convert", "model.safetensors", "--from", "torch", "--to", "keras")


def test_the_recurrent_layer_of_a_model_is_found_and_the_rest_left(
    rnnspec: Program, tmp_path: Path
) -> None:
    model(tmp_path / "model.safetensors", encoder__lstm=LSTM)
    ran = rnnspec(*CONVERT, "-o", "out.safetensors", "--no-proof")
    assert ran.returncode == 0, ran.stderr
    said = " ".join(ran.stdout.split())
    assert said.startswith("found encoder.lstm: LSTM, 3 inputs, 4 units, 2 layers, both direct")
    assert "left out: 3 tensors of other layers" in said
    assert "forget, input, candidate, output: the two biases are added into one" in said
    assert "not proven: --no-proof" in said
    assert said.endswith("out.safetensors is written, in the names of keras")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model.safetensors",
        "out.safetensors",
    ]
    assert len(load_file(tmp_path / "out.safetensors")) == 12


@pytest.mark.parametrize("prefix", ["encoder.lstm", "lstm"])
def test_one_of_several_is_named(
    prefix: str, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    model(tmp_path / "model.safetensors", encoder__lstm=LSTM, gru=GRU, root=GRU)
    told = sentence(rnnspec(*CONVERT, "-o", "out.safetensors"))
    holds, _, ask = told.partition(": ")
    assert holds.startswith("model.safetensors holds 3 recurrent layers, ")
    names = {"encoder.lstm", "gru", "one without a prefix"}
    assert set(holds.partition("layers, ")[2].split(", ")) == names
    assert ask == "name one with --prefix, or those of a stack one by one, the lowest first"
    told = sentence(rnnspec(*CONVERT, "-o", "out.safetensors", "--prefix", "decoder"))
    known, _, there = told.partition(": there is ")
    assert known == "model.safetensors has no recurrent layer decoder"
    assert set(there.split(", ")) == names
    assert not (tmp_path / "out.safetensors").exists()
    ran = rnnspec(*CONVERT, "-o", "out.safetensors", "--prefix", prefix, "--no-proof")
    assert ran.returncode == 0, ran.stderr
    left = " ".join(ran.stdout.split()).partition("left out: 11 tensors of other layers, those of ")
    assert set(left[2].partition(" among them")[0].split(", ")) == names - {"encoder.lstm"}


def test_the_same_name_twice_is_told(rnnspec: Program, sentence: Sentence, tmp_path: Path) -> None:
    model(tmp_path / "model.safetensors", a__lstm=LSTM, b__lstm=LSTM)
    told = sentence(rnnspec(*CONVERT, "-o", "out.safetensors", "--prefix", "lstm"))
    assert told == "lstm is in model.safetensors 2 times: a.lstm, b.lstm"


@pytest.mark.parametrize(
    ("network", "of", "told"),
    [
        (
            Network("lstm", 3, 4, biases="both", projection=2),
            "keras",
            "it offers no projected hidden state",
        ),
        (
            Network("gru", 3, 4, biases="both", reset="before"),
            "torch",
            "it offers no reset 'before'",
        ),
        (Network("rnn", 3, 4, 1, "backward", "none"), "torch", "it offers no direction 'backward'"),
    ],
)
def test_what_cannot_be_carried_is_refused_with_the_reason(
    network: Network,
    of: str,
    told: str,
    rnnspec: Program,
    sentence: Sentence,
    tmp_path: Path,
) -> None:
    source = "torch" if of == "keras" else "keras"
    suffix = ".safetensors" if of == "keras" else ".keras"
    part = Held(network, drawn(network).weights, "float32")
    if network.reset == "before":
        network = Network("gru", 3, 4, biases="input", reset="before")
        part = held(network)
    framework(source).write(tmp_path / f"it{suffix}", suffix, part)
    out = tmp_path / "out.safetensors"
    out.write_bytes(b"what was there")
    options = ("--from", source, "--to", of, "--activation", "tanh", "--force")
    said = sentence(rnnspec("convert", f"it{suffix}", "-o", out.name, *options))
    assert said.startswith(f"{of} cannot have it: ")
    assert told in said
    assert out.read_bytes() == b"what was there"
    assert not list(tmp_path.glob(".*"))


def test_what_a_file_does_not_say_is_asked_for(
    rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    model(tmp_path / "model.safetensors", rnn=Network("rnn", 3, 4))
    told = sentence(rnnspec(*CONVERT, "-o", "out.safetensors"))
    assert told == (
        "model.safetensors: the file does not say which activation it has: say --activation tanh "
        "or relu"
    )
    ran = rnnspec(*CONVERT, "-o", "out.keras", "--activation", "relu", "--no-proof")
    assert "relu" in ran.stdout
    # the configuration in there says it
    assert "relu" in rnnspec("convert", "out.keras", "-o", "out.weights.h5", "--no-proof").stdout


def test_a_gru_without_bias_does_not_show_its_reset(
    rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    layer = held(Network("gru", 3, 4, biases="none", reset="before"))
    framework("keras").write(tmp_path / "it.weights.h5", ".weights.h5", layer)
    framework("keras").write(tmp_path / "it.keras", ".keras", layer)
    told = sentence(rnnspec("convert", "it.weights.h5", "-o", "out.keras"))
    assert told == (
        "it.weights.h5: the file does not say whether it resets after or before the product: say "
        "--reset after or before"
    )
    ran = rnnspec("convert", "it.weights.h5", "-o", "out.keras", "--reset", "before", "--no-proof")
    assert "reset before" in ran.stdout
    assert "reset before" in rnnspec("convert", "it.keras", "-o", "2.keras", "--no-proof").stdout


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("none.pt -o out.keras", "none.pt cannot be read: No such file or directory"),
        (
            "none.safetensors --from torch -o out.keras",
            "none.safetensors cannot be read: No such file or directory",
        ),
        (
            "none.keras -o out.safetensors --to torch",
            "none.keras cannot be read: No such file or dir",
        ),
        (". -o out.keras", ". has no suffix that is known: use one of .safetensors, .pt, .pth, .b"),
        (
            "model.safetensors -o out.keras",
            "whose names model.safetensors has is not said: say --f",
        ),
        ("model.safetensors --from torch -o out.safetensors", "whose names out.safetensors has is"),
        (
            "model.safetensors --from numpy -o out.keras",
            "no names of numpy are known: use torch, keras, onnx, flax-linen, flax-nnx or mlx",
        ),
        ("a.keras --from torch -o b.keras", "a.keras is by its suffix a file of keras, and not of"),
        (
            "a.keras -o b.safetensors --to onnx",
            "onnx names no tensors in .safetensors files: use .o",
        ),
        (
            "model.safetensors --from torch --to torch -o model.safetensors",
            "model.safetensors is what is read: give another file",
        ),
        (
            "model.safetensors --from torch --to keras -o there.safetensors",
            "there.safetensors is there already: --force puts another in its place",
        ),
        (
            "model.safetensors --from torch -o no/such/folder.keras",
            "no/such/folder.keras cannot be written: No such file or directory",
        ),
        (
            "model.safetensors --from torch --force -o folder.keras",
            "folder.keras cannot be written: it is no file",
        ),
        (
            "model.safetensors --from keras -o out.keras",
            "model.safetensors holds no recurrent layer under names of keras, but ",
        ),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(
    line: str, told: str, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    model(tmp_path / "model.safetensors", lstm=LSTM)
    (tmp_path / "there.safetensors").write_bytes(b"")
    (tmp_path / "folder.keras").mkdir()
    before = sorted(tmp_path.iterdir())
    assert sentence(rnnspec("convert", *line.split())).startswith(told)
    assert sorted(tmp_path.iterdir()) == before


def test_layers_that_do_not_fit_are_no_stack(
    rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    model(tmp_path / "model.safetensors", a=LSTM, b=GRU)
    told = sentence(rnnspec(*CONVERT, "-o", "out.keras", "--prefix", "a", "--prefix", "b"))
    assert told.startswith("model.safetensors: layer 1 is no part of one stack: it is GRU, 8 inp")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("it.weights.h5", "h5py is not installed, and .weights.h5 files need it: pip install 'rnn"),
        ("it.pt", "torch is not installed, and .pt files need it: pip install 'rnnspec[torch]'"),
        ("it.onnx", "onnx is not installed, and .onnx files need it: pip install 'rnnspec[onnx]'"),
    ],
)
def test_what_a_file_needs_is_named_with_its_extra(
    name: str,
    told: str,
    rnnspec: Program,
    sentence: Sentence,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(weight_files, "find_spec", lambda name: None)
    model(tmp_path / "model.safetensors", rnn=BOTH[0])
    (tmp_path / name).touch()
    assert sentence(rnnspec("convert", name, "-o", "out.safetensors", "--to", "keras")).startswith(
        told
    )
    (tmp_path / name).unlink()
    options = ("--from", "torch", "--no-proof")
    assert sentence(rnnspec("convert", "model.safetensors", "-o", name, *options)).startswith(told)
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_what_is_cut_leaves_what_was_there(error: BaseException, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"before")

    def cut() -> None:
        with put(path, force=True) as new:
            new.write_bytes(b"half")
            raise error

    with pytest.raises((KeyboardInterrupt, Usage)):
        cut()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_link_leads_to_is_put_anew(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"before")
    (tmp_path / "link").symlink_to("real")
    with put(tmp_path / "link", force=True) as new:
        new.write_bytes(b"after")
    assert (tmp_path / "real").read_bytes() == b"after"
    assert (tmp_path / "link").is_symlink()


TINY = Network("lstm", 1, 1)
PROVEN = ("convert", "model.safetensors", "--from=torch", "--to=keras", "-o", "out.safetensors")


def test_both_layers_are_run_and_compared(rnnspec: Program, tmp_path: Path) -> None:
    model(tmp_path / "model.safetensors", lstm=TINY)
    ran = rnnspec(*PROVEN)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "same function: 200 cases, worst error" in " ".join(ran.stdout.split())
    assert (tmp_path / "out.safetensors").exists()


def test_what_is_not_the_same_function_is_not_written(
    rnnspec: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exchanged(held: Held, *rest: Any) -> tuple[Held, list[str]]:
        fit, done = fitted(held, *rest)
        blocks = {"input": "forget", "forget": "input"}
        weights = {
            at._replace(block=blocks.get(at.block, at.block)): w for at, w in fit.weights.items()
        }
        return fit._replace(weights=weights), done

    monkeypatch.setattr(conversion, "fitted", exchanged)
    model(tmp_path / "model.safetensors", lstm=TINY)
    ran = rnnspec(*PROVEN)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "same function" not in ran.stdout.replace("not the same function", "")
    assert ran.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
    assert rnnspec(*PROVEN, "--no-proof").returncode == 0


def test_what_cannot_be_run_has_the_reference_in_its_place(
    rnnspec: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(name: str) -> object:
        return None if name in ("torch", "keras") else find_spec(name)

    monkeypatch.setattr(catalogue, "find_spec", found)
    model(tmp_path / "model.safetensors", lstm=TINY)
    ran = rnnspec(*PROVEN)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = " ".join(ran.stdout.split())
    for framework_, module in (("torch", "torch"), ("keras", "keras")):
        assert (
            f"{framework_} is not run, and the reference stands in for it: {module} is not inst"
        ) in said
    assert "reference and reference: same function: 200 cases" in said


def test_another_dtype_is_asked_for(rnnspec: Program, sentence: Sentence, tmp_path: Path) -> None:
    model(tmp_path / "model.safetensors", lstm=BOTH[0])
    layer = held(BOTH[0], "float64")
    framework("torch").write(tmp_path / "it.safetensors", ".safetensors", layer)
    mlx = ("convert", "it.safetensors", "--from=torch", "--to=mlx", "-o", "out.safetensors")
    told = sentence(rnnspec(*mlx))
    assert told == "mlx does not compute in float64: say --dtype float32 or float16 or bfloat16"
    ran = rnnspec(*mlx, "--dtype=float32")
    assert ran.returncode == 0, ran.stderr
    said = " ".join(ran.stdout.split())
    assert "rounded to float32, by at most" in said
    assert "same function" in said
    assert {array.dtype.name for array in load_file(tmp_path / "out.safetensors").values()} == {
        "float32"
    }
