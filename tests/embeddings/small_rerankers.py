"""Small cross-encoders with fixed seeds, written as folders by the tests themselves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from tokenizers import processors

from embeddings import small_models as small


def bert(folder: Path, labels: int = 1) -> Path:
    """WordPiece, two kinds of tokens, a pooler and a classifier."""
    random = np.random.default_rng(23)
    arrays = {f"bert.{name}": rows for name, rows in small._encoder(23, 2).items()}
    arrays |= {f"bert.{k}": v for k, v in _dense(random, "pooler.dense", small.HIDDEN).items()}
    arrays |= _dense(random, "classifier", labels)
    tokenizer = small.wordpiece()
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    pair = "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1"
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", pair, ends)
    return small._write(folder, tokenizer, arrays, model_type="bert", type_vocab_size=2, **_about())


def xlm_roberta(folder: Path) -> Path:
    """Unigram pieces, one kind of tokens, a classifier of two layers."""
    random = np.random.default_rng(29)
    arrays = {f"roberta.{name}": rows for name, rows in small._encoder(29, 1).items()}
    arrays |= _dense(random, "classifier.dense", small.HIDDEN)
    arrays |= _dense(random, "classifier.out_proj", 1)
    tokenizer = small.unigram()
    ends = [("<s>", 0), ("</s>", 2)]
    pair = "<s> $A </s> </s> $B </s>"
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", pair, ends)
    kinds = {"model_type": "xlm-roberta", "type_vocab_size": 1, "pad_token_id": 1}
    return small._write(folder, tokenizer, arrays, **kinds, **_about())


FAMILIES = {"bert": bert, "xlm_roberta": xlm_roberta}


def _about() -> dict[str, object]:
    return {"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}


def _dense(random: np.random.Generator, name: str, out: int) -> small.Arrays:
    return small._linear(random, name, out, small.HIDDEN)


def made_by_transformers(home: Path) -> dict[str, list[float]]:
    """How `reranker_references.json` was made, with `transformers` and torch, which no test needs:
    `PYTHONPATH=tests python -m embeddings.small_rerankers`."""
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModelForSequenceClassification

    found = {}
    for name, make in FAMILIES.items():
        folder = make(home / name)
        model = AutoModelForSequenceClassification.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager"
        ).eval()
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        config = json.loads((folder / "config.json").read_text())
        behind = config["pad_token_id"] + 1 if name == "xlm_roberta" else 0
        tokenizer.enable_truncation(config["max_position_embeddings"] - behind)
        scores = []
        for text in TEXTS:
            read = tokenizer.encode(QUERY, text)
            given = {"input_ids": read.ids, "attention_mask": read.attention_mask}
            given["token_type_ids"] = read.type_ids if name == "bert" else [0] * len(read.ids)
            tensors = {key: torch.tensor([value]) for key, value in given.items()}
            with torch.no_grad():
                scores.append(round(float(model(**tensors).logits[0, 0]), 6))
        found[name] = scores
    return found


QUERY = "what is the weather in paris"
TEXTS = (
    "the weather in paris is big",
    "refund my order",
    "x",
    "zzz unknown ☂ words",
    "how do i refund the order of a small red hat in paris " * 6,
)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        made = made_by_transformers(Path(place))
    path = Path(__file__).with_name("reranker_references.json")
    path.write_text(json.dumps(made, indent=1) + "\n")
