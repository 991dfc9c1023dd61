"""What a model folder says about itself, checked: family, sizes, pooling, length, prompts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from promptuary.domain.errors import ModelDamaged

Family: TypeAlias = Literal["bert", "roberta", "mpnet", "distilbert"]
Pooling: TypeAlias = Literal["mean", "cls"]
Activation: TypeAlias = Literal["tanh", "none"]

_FAMILIES: dict[str, Family] = {
    "bert": "bert",
    "roberta": "roberta",
    "xlm-roberta": "roberta",
    "camembert": "roberta",
    "mpnet": "mpnet",
    "distilbert": "distilbert",
}
_ACTIVATIONS: dict[str, Activation] = {
    "torch.nn.modules.activation.Tanh": "tanh",
    "torch.nn.modules.linear.Identity": "none",
}


@dataclass(frozen=True, slots=True)
class Dense:
    """A layer after pooling, in a folder of its own."""

    folder: Path
    activation: Activation


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a text becomes a vector. `first_position` is the position of the first token."""

    folder: Path
    family: Family
    hidden: int
    heads: int
    layers: int
    epsilon: float
    vocabulary: int
    first_position: int
    max_tokens: int
    lowercase: bool
    pooling: Pooling
    dense: tuple[Dense, ...]
    prompts: tuple[tuple[str, str], ...]

    def prompt(self, purpose: str) -> str:
        """What the model was trained to see in front of a text of that purpose."""
        names = {"query": ("query",), "document": ("document", "passage")}.get(purpose, ())
        known = dict(self.prompts)
        return next((known[name] for name in names if name in known), "")


def read_recipe(folder: Path) -> Recipe:
    """Raises ModelDamaged for a folder that lacks something or asks for what is not known here."""
    config = _json(folder / "config.json")
    family = _FAMILIES.get(str(config.get("model_type")))
    if family is None:
        known = ", ".join(_FAMILIES)
        raise ModelDamaged(f"{folder}: a model of type {config.get('model_type')}; known: {known}")
    try:
        return _recipe(folder, family, config)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelDamaged(f"{folder}: config.json cannot be used: {error!r}") from error


def _recipe(folder: Path, family: Family, config: dict[str, Any]) -> Recipe:
    names = ("dim", "n_heads", "n_layers") if family == "distilbert" else _SIZES
    if (shape := config.get("hidden_act", config.get("activation"))) != "gelu":
        raise ModelDamaged(f"{folder}: its activation is {shape}; only gelu is known here")
    hidden, heads, layers = (int(config[name]) for name in names)
    if min(hidden, heads, layers) < 1 or hidden % heads:
        raise ModelDamaged(f"{folder}: {hidden} numbers cannot be split among {heads} heads")
    first = int(config.get("pad_token_id", 1)) + 1 if family in {"roberta", "mpnet"} else 0
    sentences = _json(folder / "sentence_bert_config.json", missing={})
    room = int(config["max_position_embeddings"]) - first
    modules = _modules(folder)
    return Recipe(
        folder=folder,
        family=family,
        hidden=hidden,
        heads=heads,
        layers=layers,
        epsilon=1e-12 if family == "distilbert" else float(config.get("layer_norm_eps", 1e-12)),
        vocabulary=int(config["vocab_size"]),
        first_position=first,
        max_tokens=min(room, int(sentences.get("max_seq_length") or room)),
        lowercase=bool(sentences.get("do_lower_case", False)),
        pooling=_pooling(folder, modules),
        dense=tuple(_dense(folder / path) for kind, path in modules if kind == "Dense"),
        prompts=_prompts(folder),
    )


_SIZES = ("hidden_size", "num_attention_heads", "num_hidden_layers")


def _modules(folder: Path) -> list[tuple[str, str]]:
    listed = _json(folder / "modules.json", missing=[])
    return [(str(each["type"]).rpartition(".")[2], str(each["path"])) for each in listed]


def _pooling(folder: Path, modules: list[tuple[str, str]]) -> Pooling:
    path = next((path for kind, path in modules if kind == "Pooling"), "")
    if not path:
        return "mean"
    told = _json(folder / path / "config.json")
    modes = {name for name, on in told.items() if name.startswith("pooling_mode") and on is True}
    mode = str(told.get("pooling_mode", ""))
    if modes == {"pooling_mode_mean_tokens"} or mode == "mean":
        return "mean"
    if modes == {"pooling_mode_cls_token"} or mode == "cls":
        return "cls"
    raise ModelDamaged(
        f"{folder}: pools by {', '.join(sorted(modes)) or mode}; mean and cls are known"
    )


def _dense(folder: Path) -> Dense:
    name = str(_json(folder / "config.json").get("activation_function"))
    if name not in _ACTIVATIONS:
        raise ModelDamaged(f"{folder}: its activation is {name}; known: {', '.join(_ACTIVATIONS)}")
    if not (folder / "model.safetensors").is_file():
        raise ModelDamaged(f"{folder} holds no model.safetensors; a pickle is never read")
    return Dense(folder, _ACTIVATIONS[name])


def _prompts(folder: Path) -> tuple[tuple[str, str], ...]:
    told = _json(folder / "config_sentence_transformers.json", missing={}).get("prompts") or {}
    return tuple(sorted((str(name), str(text)) for name, text in told.items() if text))


def _json(path: Path, missing: Any = None) -> Any:  # noqa: ANN401 - whatever the file holds
    if missing is not None and not path.is_file():
        return missing
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelDamaged(f"{path} cannot be read: {error}") from error
