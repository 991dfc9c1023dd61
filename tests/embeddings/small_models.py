"""Small models with fixed seeds, of every family, written as folders by the tests themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

HIDDEN, HEADS, LAYERS, WIDE, POSITIONS = 32, 4, 2, 64, 48
WORDS = (
    "a the of to and what is in for how do i my order refund weather paris small big red".split()
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
Arrays = dict[str, np.ndarray]


def bert(folder: Path) -> Path:
    """WordPiece, mean pooling, 24 tokens at most."""
    kept = _write(folder, wordpiece(), _encoder(7, 2), model_type="bert", type_vocab_size=2)
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 24}')
    return kept


def xlm_roberta(folder: Path) -> Path:
    """Unigram pieces, pooled by the first token, weights in half precision, with prompts."""
    arrays = {f"roberta.{name}": rows.astype(np.float16) for name, rows in _encoder(11, 1).items()}
    kept = _write(
        folder, unigram(), arrays, model_type="xlm-roberta", type_vocab_size=1, pad_token_id=1
    )
    _modules(folder, {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})
    prompts = {"prompts": {"query": "what is: ", "passage": "the: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    return kept


def mpnet(folder: Path) -> Path:
    """Distances between tokens count in attention."""
    arrays = {_as_mpnet(name): rows for name, rows in _encoder(13, 0).items()}
    random = np.random.default_rng(14)
    relative = random.normal(size=(32, HEADS)).astype(np.float32)
    arrays["encoder.relative_attention_bias.weight"] = relative
    return _write(folder, unigram(), arrays, model_type="mpnet", pad_token_id=1)


def distilbert(folder: Path) -> Path:
    """A layer after pooling, with fewer numbers."""
    arrays = {_as_distilbert(name): rows for name, rows in _encoder(17, 0).items()}
    kept = _write(folder, wordpiece(), arrays, model_type="distilbert")
    config = json.loads((folder / "config.json").read_text())
    config |= {"dim": HIDDEN, "n_heads": HEADS, "n_layers": LAYERS, "hidden_dim": WIDE}
    config |= {"activation": "gelu"}
    (folder / "config.json").write_text(json.dumps(config))
    _modules(folder, {"pooling_mode_mean_tokens": True}, dense=True)
    random = np.random.default_rng(18)
    dense = {"linear.weight": _normal(random, 16, HIDDEN), "linear.bias": _normal(random, 16)}
    (folder / "2_Dense").mkdir()
    about = {"activation_function": "torch.nn.modules.activation.Tanh"}
    (folder / "2_Dense" / "config.json").write_text(json.dumps(about))
    write_safetensors(folder / "2_Dense" / "model.safetensors", dense)
    return kept


FAMILIES: Mapping[str, Callable[[Path], Path]] = {
    "bert": bert,
    "xlm_roberta": xlm_roberta,
    "mpnet": mpnet,
    "distilbert": distilbert,
}


def write_safetensors(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """8 bytes of length, a JSON header, the data."""
    kinds = {"float32": "F32", "float16": "F16", "int64": "I64"}
    header, at = {}, 0
    for name, rows in arrays.items():
        offsets = [at, at + rows.nbytes]
        header[name] = {
            "dtype": kinds[rows.dtype.name], "shape": rows.shape, "data_offsets": offsets,
        }  # fmt: skip
        at += rows.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(np.ascontiguousarray(rows).tobytes() for rows in arrays.values())
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def wordpiece() -> Tokenizer:
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    pieces = [*special, *WORDS, *LETTERS.replace("a", "").replace("i", "")]
    vocabulary = {piece: n for n, piece in enumerate([*pieces, *(f"##{x}" for x in LETTERS)])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, ends)
    return tokenizer


def unigram() -> Tokenizer:
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    pieces = [(piece, 0.0) for piece in special]
    pieces += [(f"▁{word}", -3.0 - len(word) / 10) for word in WORDS]
    pieces += [(letter, -6.0) for letter in "▁" + LETTERS]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    ends = [("<s>", 0), ("</s>", 2)]
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", None, ends)
    return tokenizer


def _write(folder: Path, tokenizer: Tokenizer, arrays: Arrays, **config: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_safetensors(folder / "model.safetensors", arrays)
    known = {
        "hidden_size": HIDDEN, "num_attention_heads": HEADS, "num_hidden_layers": LAYERS,
        "intermediate_size": WIDE, "max_position_embeddings": POSITIONS, "hidden_act": "gelu",
        "layer_norm_eps": 1e-5, "vocab_size": 80, "pad_token_id": 0,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(known | config))
    return folder


def _encoder(seed: int, types: int) -> Arrays:
    """With the names of BERT."""
    random = np.random.default_rng(seed)
    arrays = {
        "embeddings.word_embeddings.weight": _normal(random, 80, HIDDEN),
        "embeddings.position_embeddings.weight": _normal(random, POSITIONS, HIDDEN),
    }
    if types:
        arrays["embeddings.token_type_embeddings.weight"] = _normal(random, types, HIDDEN)
    arrays |= _norm(random, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            arrays |= _linear(random, f"{at}.attention.{name}", HIDDEN, HIDDEN)
        arrays |= _norm(random, f"{at}.attention.output.LayerNorm")
        arrays |= _linear(random, f"{at}.intermediate.dense", WIDE, HIDDEN)
        arrays |= _linear(random, f"{at}.output.dense", HIDDEN, WIDE)
        arrays |= _norm(random, f"{at}.output.LayerNorm")
    return arrays


def _linear(random: np.random.Generator, name: str, out: int, width: int) -> Arrays:
    return {f"{name}.weight": _normal(random, out, width), f"{name}.bias": _normal(random, out)}


def _norm(random: np.random.Generator, name: str) -> Arrays:
    return {f"{name}.weight": 1 + _normal(random, HIDDEN), f"{name}.bias": _normal(random, HIDDEN)}


def _normal(random: np.random.Generator, *shape: int) -> np.ndarray:
    return random.normal(scale=0.25, size=shape).astype(np.float32)


def _as_mpnet(name: str) -> str:
    for bert_name, own in {
        "attention.self.query": "attention.attn.q",
        "attention.self.key": "attention.attn.k",
        "attention.self.value": "attention.attn.v",
        "attention.output.dense": "attention.attn.o",
        "attention.output.LayerNorm": "attention.LayerNorm",
    }.items():
        name = name.replace(bert_name, own)
    return name


def _as_distilbert(name: str) -> str:
    for bert_name, own in {
        "encoder.layer": "transformer.layer",
        "attention.self.query": "attention.q_lin",
        "attention.self.key": "attention.k_lin",
        "attention.self.value": "attention.v_lin",
        "attention.output.dense": "attention.out_lin",
        "attention.output.LayerNorm": "sa_layer_norm",
        "intermediate.dense": "ffn.lin1",
        "output.dense": "ffn.lin2",
        "output.LayerNorm": "output_layer_norm",
    }.items():
        name = name.replace(bert_name, own)
    return name


def _modules(folder: Path, pooling: dict[str, bool], *, dense: bool = False) -> None:
    kinds = ["Transformer", "Pooling", *(["Dense"] if dense else [])]
    paths = ["", "1_Pooling", "2_Dense"]
    listed = [
        {"type": f"sentence_transformers.models.{k}", "path": p}
        for k, p in zip(kinds, paths, strict=False)
    ]
    (folder / "modules.json").write_text(json.dumps(listed))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
