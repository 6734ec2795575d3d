"""A case as code of TensorFlow's raw operators alone, for those who maintain them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.operations import Array

LSTM = """\
_, cells, _, _, _, _, every = tf.raw_ops.BlockLSTMV2(
    seq_len_max=tf.constant(len(x), tf.int64), x=x, cs_prev=cell, h_prev=hidden,
    w=w, b=b, wci=wci, wcf=wcf, wco=wco, use_peephole={peepholes}, cell_clip={cell_clip},
)"""
FORWARD = """
outputs = every.numpy()
hidden = outputs[None, -1]
cell = cells.numpy()[None, -1]"""
BACK = """
parts = [every, every[-1], cells[-1]]"""
GRADIENTS = 'gradients = tape.gradient(parts, leaves, seeds, "zero")'
GRU = """\
outputs = []
for each in x:
    _, _, _, hidden = tf.raw_ops.GRUBlockCell(x=each, h_prev=hidden, **weights)
    outputs.append(hidden.numpy())
outputs = np.stack(outputs)
hidden = outputs[None, -1]"""
GRU_BACK = """\
kept = []
for each in x:
    past = {"x": each, "h_prev": hidden}
    r, u, c, hidden = tf.raw_ops.GRUBlockCell(**past, **weights)
    kept.append({**past, "r": r, "u": u, "c": c})
gradients = {"x": np.zeros_like(x), **{n: np.zeros_like(w) for n, w in weights.items()}}
for t in reversed(range(len(x))):
    grad = tf.raw_ops.GRUBlockCellGrad(**kept[t], **weights, d_h=d_hidden + d_outputs[t])
    gradients["x"][t], d_hidden, d_c, d_ru = (each.numpy() for each in grad)
    gradients["w_ru"] += np.concatenate([x[t], kept[t]["h_prev"]], 1).T @ d_ru
    gradients["w_c"] += np.concatenate([x[t], kept[t]["r"] * kept[t]["h_prev"]], 1).T @ d_c
    gradients["b_ru"] += d_ru.sum(0)
    gradients["b_c"] += d_c.sum(0)
gradients["hidden"] = d_hidden"""
"""No gradient is registered for the step, only the operator for it is there: what that leaves to
the caller is a product or a sum."""


def script(
    case: Case, arrays: Mapping[str, Array], cotangents: Mapping[str, Array] | None = None
) -> str:
    """The operator's call with its arguments by name, and the way back from cotangents."""
    network, dtype, back = case.network, case.dtype, cotangents is not None
    given = cotangents or {}
    seeds = [given.get("outputs", np.zeros(case.output_shape))]
    seeds += [given.get(name, np.zeros(case.state_shape))[0] for name in network.states]

    def array(values: Array) -> str:
        return literal(values.astype(dtype), dtype)

    lines = ["import numpy as np", "import tensorflow as tf", ""]
    if network.cell == "gru":
        lines += [f"{name} = {array(arrays[name])}" for name in ("x", "hidden")]
        weights = [name for name in arrays if name not in ("x", "hidden")]
        lines += ["weights = {", *(f"    {n!r}: {array(arrays[n])}," for n in weights), "}"]
        if back:
            pairs = zip(("d_outputs", "d_hidden"), seeds, strict=True)
            lines += [f"{name} = {array(seed)}" for name, seed in pairs]
        return "\n".join([*lines, GRU_BACK if back else GRU, ""])
    called = LSTM.format(**vars(network))
    if not back:
        lines += [f"{name} = {array(each)}" for name, each in arrays.items()]
        return "\n".join([*lines, called + FORWARD, ""])
    lines += [f"{name} = tf.constant({array(each)})" for name, each in arrays.items()]
    lines += [
        f"leaves = {{{', '.join(f'{name!r}: {name}' for name in arrays)}}}",
        f"seeds = [{', '.join(map(array, seeds))}]",
        "with tf.GradientTape() as tape:",
        "    tape.watch(leaves)",
        *(f"    {line}" for line in (called + BACK).splitlines()),
    ]
    return "\n".join([*lines, GRADIENTS, ""])
