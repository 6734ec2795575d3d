"""PyTorch's checkpoints: tensors in dictionaries. They are read as data, and never as a program."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rnnspec.reference.encoding import Malformed
from rnnspec.reference.naming import Contents, Laid, Tensor

DEEPEST = 16
"""So many dictionaries may stand in one another."""


class Checkpoint:
    """``torch.save``: a ``state_dict``, or dictionaries that have one somewhere in them."""

    requires = extra = "torch"

    def read(self, path: Path) -> Contents:
        """With ``weights_only`` alone. What is no tensor is left out."""
        import torch

        if zipfile.is_zipfile(path):
            _check_archive(path)
        try:
            held = torch.load(path, map_location="cpu", weights_only=True)
            tensors = dict(_tensors(torch, held, "", 0))
        except Malformed:
            raise
        except Exception as error:  # of many kinds, by what is wrong
            raise Malformed(
                "it is damaged, or holds more than tensors, which might run as a program and is "
                f"not loaded (PyTorch: {type(error).__name__}): save a state_dict"
            ) from None
        return Contents(tensors)

    def write(self, path: Path, laid: Laid) -> None:
        """The ``state_dict`` of a module."""
        import torch

        from rnnspec.adapters.torch_naming import TorchNaming

        kind = getattr(torch, laid.dtype)
        held = {
            tensor.name: torch.from_numpy(tensor.read().copy()).to(kind)
            for tensor in TorchNaming().tensors(laid)
        }
        with path.open("wb") as file:
            torch.save(held, file)


def _check_archive(path: Path) -> None:
    """An archive of PyTorch's is not compressed: one that is might unfold without an end."""
    try:
        with zipfile.ZipFile(path) as archive:
            packed = [one for one in archive.infolist() if one.compress_type != zipfile.ZIP_STORED]
            whole = sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise Malformed(f"it is a damaged archive: {error}") from None
    if packed or whole > path.stat().st_size:
        raise Malformed(
            "it is compressed, as programs of TorchScript are, and no checkpoint: save a state_dict"
        )


def _tensors(torch: Any, held: Any, prefix: str, depth: int) -> Iterator[tuple[str, Tensor]]:
    """Every tensor, under the names of the dictionaries that lead to it."""
    if depth > DEEPEST:
        raise Malformed(f"more than {DEEPEST} dictionaries stand in one another")
    if not isinstance(held, Mapping):
        return
    for key, value in held.items():
        name = f"{prefix}{key}"
        if isinstance(value, torch.Tensor):
            yield name, _tensor(torch, name, value)
        elif isinstance(value, Mapping):
            yield from _tensors(torch, value, f"{name}.", depth + 1)


def _tensor(torch: Any, name: str, value: Any) -> Tensor:
    def read() -> Any:
        if value.layout != torch.strided or value.device.type != "cpu" or value.is_quantized:
            raise Malformed(f"{name} is no plain tensor")
        if value.numel() * value.element_size() > value.untyped_storage().nbytes():
            raise Malformed(f"{name} shows the same numbers more than once")
        return value.detach().double().numpy()

    return Tensor(name, tuple(value.shape), str(value.dtype).removeprefix("torch."), read)
