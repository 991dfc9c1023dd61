"""The network run by onnxruntime. Extra: `onnx`."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships no types

from promptuary.adapters.embedders._model import layers
from promptuary.adapters.embedders._model.graph import graph
from promptuary.adapters.embedders._model.opening import Opened
from promptuary.adapters.embedders._model.runs import Run
from promptuary.domain.errors import ModelDamaged
from promptuary.domain.vectors import Vectors


class OnnxNetwork:
    """One session a process: its threads do not survive a fork, so a child makes its own."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._words = opened.weights.array(layers.WORDS).view(np.ndarray)
        self._model = graph(opened.recipe, opened.weights, opened.kernel)
        self._owner = os.getpid()
        self._session = self._open()
        self._inherited: list[Any] = []

    @property
    def words(self) -> Vectors:
        """The row of each word."""
        return self._words

    @property
    def kernel(self) -> str:
        """`fp32` is the same as numpy's."""
        return self._opened.kernel

    def pooled(self, run: Run) -> Vectors:
        """As the protocol says."""
        return self.pooled_from(self._words[run.ids], run)

    def pooled_from(self, words: Vectors, run: Run) -> Vectors:
        """The same from the words' rows of the run, shape (texts, longest, hidden), with whatever
        was added to them."""
        return self._run(words, run, run.pool)[:, 0]

    def states(self, run: Run) -> Vectors:
        """As the protocol says: every token is pooled from itself alone."""
        longest = run.ids.shape[1]
        alone = np.eye(longest, dtype=np.float32)
        pool = np.ascontiguousarray(np.broadcast_to(alone, (len(run.ids), longest, longest)))
        return self._run(self._words[run.ids], run, pool)

    def _run(self, words: Vectors, run: Run, pool: Vectors) -> Vectors:
        given = {"words": words, "positions": run.positions}
        given |= {"lengths": run.lengths, "pool": pool}
        if self._opened.recipe.family == "mpnet":
            table = self._opened.weights.array(layers.RELATIVE)
            given["distances"] = layers.relative_bias(table, run.ids.shape[1])
        (rows,) = self._mine().run(["pooled"], given)
        found: Vectors = rows
        return found

    def _mine(self) -> Any:  # noqa: ANN401 - the vendor has no types
        if self._owner != os.getpid():
            # To let go of the parent's session would be to wait for threads that are not here.
            self._inherited.append(self._session)
            self._session, self._owner = self._open(), os.getpid()
        return self._session

    def _open(self) -> Any:  # noqa: ANN401 - the vendor has no types
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._opened.threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        options.log_severity_level = 4
        folder = str(self._opened.weights.path.parent)
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", folder
        )
        try:
            return onnxruntime.InferenceSession(
                self._model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the vendor's errors share no base
            raise ModelDamaged(f"onnxruntime cannot run {folder}: {error}") from error
