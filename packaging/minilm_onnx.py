"""MiniLM as ONNX: writes the sentence-embedding model for ONNX Runtime, in half precision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

BLOCKS, WIDTH, HEADS, EPSILON = 6, 384, 12, 1e-12
"""Shape of sentence-transformers/all-MiniLM-L6-v2; its weights are pinned by hash, so is this."""

FUSED = "com.microsoft"
"""ONNX Runtime's own operators: https://github.com/microsoft/onnxruntime ContribOperators.md."""


class Graph:
    """A graph that is being written: its nodes in order, and the weights they use."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: Sequence[str], domain: str = "", **told: object) -> str:
        """One more node with one output, whose name is returned."""
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name, domain=domain, **told))
        return name

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """A tensor kept as it is."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def matrix(self, name: str, value: NDArray[np.float32]) -> str:
        """A matrix kept in half precision; ONNX Runtime widens it once, when it loads the file."""
        half = self.constant(name, value.astype(np.float16))
        return self.add("Cast", [half], to=TensorProto.FLOAT)


def convert(weights: Path, target: Path) -> None:
    """Write `target` from a safetensors file.

    Input: `ids` (texts, tokens) int32, texts of one length, since there is no mask. Output:
    `vectors` (texts, 384) float32, the mean over each text's tokens brought to length 1, as
    sentence-transformers has it.
    """
    tensors = load_file(weights)
    graph = Graph()
    states = _embedded(graph, tensors)
    for number in range(BLOCKS):
        states = _block(graph, tensors, f"encoder.layer.{number}.", states)
    _pooled(graph, states)
    onnx.save(_model(graph), target)


def _embedded(graph: Graph, tensors: dict[str, NDArray[np.float32]]) -> str:
    words = graph.constant("words", tensors["embeddings.word_embeddings.weight"].astype(np.float16))
    places = tensors["embeddings.position_embeddings.weight"]
    # There is only one segment, so its row is added to every position's beforehand.
    places = places + tensors["embeddings.token_type_embeddings.weight"][:1]
    shape = graph.add("Shape", ["ids"], start=1, end=2)
    begin = graph.constant("begin", np.zeros(1, np.int64))
    seen = graph.add("Slice", [graph.constant("places", places), begin, shape])
    rows = graph.add("Cast", [graph.add("Gather", [words, "ids"])], to=TensorProto.FLOAT)
    summed = graph.add("Add", [rows, seen])
    scale, shift = (
        graph.constant(f"embeddings.LayerNorm.{name}", tensors[f"embeddings.LayerNorm.{name}"])
        for name in ("weight", "bias")
    )
    return graph.add("LayerNormalization", [summed, scale, shift], axis=-1, epsilon=EPSILON)


def _block(graph: Graph, tensors: dict[str, NDArray[np.float32]], prefix: str, states: str) -> str:
    """One layer of the encoder: attention and feed-forward, each added to what came in."""

    def vector(name: str) -> str:
        return graph.constant(prefix + name, tensors[prefix + name])

    def matrix(name: str) -> str:
        return graph.matrix(prefix + name, tensors[prefix + name].T)

    def joined(kind: str) -> NDArray[np.float32]:
        parts = (tensors[f"{prefix}attention.self.{x}.{kind}"] for x in ("query", "key", "value"))
        return np.concatenate(list(parts))

    def added(kind: str, output: str, skip: str) -> str:
        names = (f"{kind}LayerNorm.weight", f"{kind}LayerNorm.bias", f"{kind}dense.bias")
        inputs = [output, skip, *map(vector, names)]
        return graph.add("SkipLayerNormalization", inputs, FUSED, epsilon=EPSILON)

    three = graph.matrix(f"{prefix}three.weight", joined("weight").T)
    bias = graph.constant(f"{prefix}three.bias", joined("bias"))
    heard = graph.add("Attention", [states, three, bias], FUSED, num_heads=HEADS)
    mixed = graph.add("MatMul", [heard, matrix("attention.output.dense.weight")])
    states = added("attention.output.", mixed, states)
    wide = graph.add("MatMul", [states, matrix("intermediate.dense.weight")])
    bent = graph.add("BiasGelu", [wide, vector("intermediate.dense.bias")], FUSED)
    narrow = graph.add("MatMul", [bent, matrix("output.dense.weight")])
    return added("output.", narrow, states)


def _pooled(graph: Graph, states: str) -> None:
    """The mean over a text's tokens, at length 1, as the output `vectors`."""
    mean = graph.add("ReduceMean", [states], axes=[1], keepdims=0)
    graph.nodes.append(helper.make_node("LpNormalization", [mean], ["vectors"], axis=-1, p=2))


def _model(graph: Graph) -> onnx.ModelProto:
    whole = helper.make_graph(
        graph.nodes,
        "all-MiniLM-L6-v2",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT32, ["texts", "tokens"]),
        ],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", WIDTH])],
        graph.weights,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(whole, opset_imports=opsets, ir_version=8)
