"""A peer, whole and small: recurrent layers in plain Python that speak docs/protocol.md of rnnspec.

It needs Python 3.8 and nothing else. It is meant to be copied: put another layer behind ``Half``,
and declare in ``HELLO`` what that layer is.

    rnnspec run --command 'python3 peers/plain/peer.py'
"""

import json
import sys
from math import exp, isfinite, prod, tanh

COMMON = {
    "orientation": "in,out",
    "biases": ["none", "input", "recurrent", "both"],
    "directions": ["forward", "backward", "both"],
    "layers": 4,
    "past_end": {"forward": "zero", "backward": "zero", "both": "zero"},
}
CONVENTIONS = {
    "rnn": {**COMMON, "blocks": ["hidden"], "activations": ["tanh", "relu"]},
    "lstm": {**COMMON, "blocks": ["output", "forget", "input", "candidate"]},
    "gru": {**COMMON, "blocks": ["update", "reset", "candidate"], "resets": ["after", "before"]},
}
HELLO = {
    "protocol": 1,
    "name": "plain",
    "versions": {"python": ".".join(map(str, sys.version_info[:3]))},
    "levels": {"float64": "relative"},
    "conventions": CONVENTIONS,
    "can": ["count"],
}
DIRECTIONS = {"forward": ["forward"], "backward": ["backward"], "both": ["forward", "backward"]}


def sigmoid(x):
    """Without overflow, and accurate where it is small."""
    e = exp(-abs(x))
    return (e if x < 0 else 1.0) / (1.0 + e)


def relu(x):
    """NaN stays NaN; of max(0.0, x) it would not."""
    return max(x, 0.0)


def affine(x, columns, bias):
    """``x W + b``, for the columns of W."""
    return [sum((a * w for a, w in zip(x, column)), b) for column, b in zip(columns, bias)]


class Half:
    """One direction of one layer."""

    def __init__(self, network, layer):
        units, biases = network["units"], network["biases"]
        below = units * len(DIRECTIONS[network["direction"]]) if layer else network["inputs"]
        wide = units * len(CONVENTIONS[network["cell"]]["blocks"])
        self.network = network
        self.arrays = {
            "input": zeros(below, wide),
            "recurrent": zeros(units, wide),
            "input_bias": zeros(wide) if biases in ("input", "both") else None,
            "recurrent_bias": zeros(wide) if biases in ("recurrent", "both") else None,
        }

    def load(self, packed):
        """Take weights, which come in the layout that is declared."""
        for name, held in self.arrays.items():
            if held is not None and packed[name]["shape"] != held["shape"]:
                raise ValueError(f"{name} has the shape {packed[name]['shape']}")
            self.arrays[name] = packed[name]
        self.input, self.recurrent = (list(zip(*nested(packed[k]))) for k in ("input", "recurrent"))
        no_bias = zeros(len(self.input))
        self.input_bias = nested(packed["input_bias"] or no_bias)
        self.recurrent_bias = nested(packed["recurrent_bias"] or no_bias)

    def step(self, x, h, c=None):
        """The states after an input: hidden and, of an LSTM, cell."""
        cell, n = self.network["cell"], self.network["units"]
        drive = affine(x, self.input, self.input_bias)
        if cell == "gru":
            past = affine(h, self.recurrent[: 2 * n], self.recurrent_bias[: 2 * n])
            gates = [sigmoid(a + b) for a, b in zip(drive, past)]
            z, r = gates[:n], gates[n:]
            own, bias = self.recurrent[2 * n :], self.recurrent_bias[2 * n :]
            if self.network["reset"] == "after":
                past = [a * b for a, b in zip(r, affine(h, own, bias))]
            else:
                past = affine([a * b for a, b in zip(r, h)], own, bias)
            new = [tanh(a + b) for a, b in zip(drive[2 * n :], past)]
            return ([(1.0 - a) * b + a * old for a, b, old in zip(z, new, h)],)
        past = affine(h, self.recurrent, self.recurrent_bias)
        total = [a + b for a, b in zip(drive, past)]
        if cell == "rnn":
            function = relu if self.network["activation"] == "relu" else tanh
            return ([function(a) for a in total],)
        o, f, i, g = (total[k : k + n] for k in range(0, 4 * n, n))
        c = [sigmoid(a) * old + sigmoid(b) * tanh(d) for a, old, b, d in zip(f, c, i, g)]
        return [sigmoid(a) * tanh(new) for a, new in zip(o, c)], c


def run(request):
    """Layer by layer from below, row by row, and step by step as far as the row is long."""
    case, network = request["case"], request["case"]["network"]
    steps, rows, _ = case["inputs"]["shape"]
    lengths = [steps] * rows if case["lengths"] is None else case["lengths"]
    units, directions = network["units"], DIRECTIONS[network["direction"]]
    names = ["hidden", "cell"] if network["cell"] == "lstm" else ["hidden"]
    shape = [network["layers"] * len(directions), rows, units]
    states = {name: nested(case["states"].get(name) or zeros(*shape)) for name in names}
    outputs = nested(case["inputs"])
    for k, packed in enumerate(request["packed"]):
        half, backward = Half(network, packed["layer"]), packed["direction"] == "backward"
        half.load(packed)
        if packed["direction"] == directions[0]:
            below, outputs = outputs, [[[] for _ in range(rows)] for _ in range(steps)]
        for row, length in enumerate(lengths):
            state = [states[name][k][row] for name in names]
            for t in reversed(range(length)) if backward else range(length):
                state = half.step(below[t][row], *state)
                outputs[t][row] += state[0]
            for t in range(length, steps):
                outputs[t][row] += [0.0] * units
            for name, final in zip(names, state):
                states[name][k][row] = final
    return {
        "outputs": array(outputs, [steps, rows, units * len(directions)]),
        "states": {name: array(states[name], shape) for name in names},
    }


def count(request):
    """The numbers in the arrays of the layers, as they are built."""
    network, found = request["network"], 0
    for layer in range(network["layers"]):
        for _ in DIRECTIONS[network["direction"]]:
            held = Half(network, layer).arrays.values()
            found += sum(len(each["numbers"]) for each in held if each is not None)
    return {"count": found}


def zeros(*shape):
    """An array of the protocol, of zeros."""
    return {"shape": list(shape), "numbers": [0.0] * prod(shape)}


def nested(given):
    """An array of the protocol as lists in lists; ``nan`` and ``inf`` come as words."""
    lists, shape = [float(number) for number in given["numbers"]], given["shape"]
    for k in range(len(shape) - 1, 0, -1):
        size = shape[k]
        lists = [lists[j * size : (j + 1) * size] for j in range(prod(shape[:k]))]
    return lists


def array(lists, shape):
    """The inverse: every number with all its digits."""
    for _ in shape[1:]:
        lists = [element for each in lists for element in each]
    return {"shape": shape, "numbers": [x if isfinite(x) else str(x) for x in lists]}


ANSWERS = {"hello": lambda request: HELLO, "run": run, "count": count, "bye": lambda request: {}}

for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = ANSWERS[asked["do"]](asked)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps({"id": asked["id"], **answer}), flush=True)
    if asked["do"] == "bye":
        break
