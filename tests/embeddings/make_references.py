"""How `references.json` was made: the small models, run by `transformers` (5.23) and torch (2.15).

Neither is needed by any test. Run it in an environment that has both:
`PYTHONPATH=tests python -m embeddings.make_references`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np

from embeddings.small_models import FAMILIES

TEXTS = (
    "What is the weather in Paris?",
    "refund my order",
    "How do I get a small red hat for the big weather in Paris and my order of a hat in blue",
    "x",
    "zzz unknown ☂ words",
)
HERE = Path(__file__).parent


def rows_of(folder: Path) -> list[list[float]]:
    """Mean or first-token pooling, the dense layer if there is one, length one."""
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModel

    model = AutoModel.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(_limit(folder))
    pooling = folder / "1_Pooling" / "config.json"
    first = pooling.is_file() and json.loads(pooling.read_text()).get("pooling_mode_cls_token")
    prompts = folder / "config_sentence_transformers.json"
    prompt = json.loads(prompts.read_text())["prompts"]["passage"] if prompts.is_file() else ""
    rows = []
    for text in TEXTS:
        ids = torch.tensor([tokenizer.encode(prompt + text).ids])
        with torch.no_grad():
            hidden = (
                model(input_ids=ids, attention_mask=torch.ones_like(ids))[0][0].double().numpy()
            )
        row = hidden[0] if first else hidden.mean(axis=0)
        row = _after(folder, row)
        rows.append([round(float(x), 7) for x in row / np.linalg.norm(row)])
    return rows


def _limit(folder: Path) -> int:
    told = folder / "sentence_bert_config.json"
    if told.is_file():
        return json.loads(told.read_text())["max_seq_length"]
    config = json.loads((folder / "config.json").read_text())
    # These count positions from behind the padding's.
    behind = config["pad_token_id"] + 1 if config["model_type"] in {"xlm-roberta", "mpnet"} else 0
    return config["max_position_embeddings"] - behind


def _after(folder: Path, row: np.ndarray) -> np.ndarray:
    from safetensors.numpy import load_file

    path = folder / "2_Dense" / "model.safetensors"
    if not path.is_file():
        return row
    dense = load_file(path)
    return np.tanh(dense["linear.weight"] @ row + dense["linear.bias"])


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        found = {name: rows_of(make(Path(home, name))) for name, make in FAMILIES.items()}
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(rows)}" for name, rows in found.items())
    (HERE / "references.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
