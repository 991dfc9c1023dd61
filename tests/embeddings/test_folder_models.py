"""Models in folders: every family gives what transformers gives, and what is broken is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embeddings import small_models
from embeddings.make_references import HERE, TEXTS
from promptuary.adapters.embedders import numpy as numpy_adapter
from promptuary.adapters.embedders import onnx
from promptuary.adapters.embedders._model import layers
from promptuary.adapters.embedders._model.encoder import FolderEmbedder
from promptuary.adapters.embedders._model.network import ArrayNetwork
from promptuary.adapters.embedders._model.opening import open_folder
from promptuary.adapters.embedders._model.runs import runs
from promptuary.adapters.embedders._model.session import OnnxNetwork
from promptuary.adapters.embedders._model.tokens import TextReader
from promptuary.domain.errors import Misconfigured, ModelDamaged

REFERENCES = json.loads((HERE / "references.json").read_text())
ENGINES = {"onnx": onnx.connect, "numpy": numpy_adapter.connect}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("models")
    return {name: make(home / name) for name, make in small_models.FAMILIES.items()}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("family", small_models.FAMILIES)
def test_every_family_gives_what_transformers_gives(
    folders: dict[str, Path], family: str, engine: str
) -> None:
    rows = ENGINES[engine](f"{engine}:{folders[family]}").embed_now(TEXTS)
    np.testing.assert_allclose(rows, REFERENCES[family], atol=2e-6)


@pytest.mark.parametrize("family", small_models.FAMILIES)
def test_both_engines_share_a_space(folders: dict[str, Path], family: str) -> None:
    spaces = {open_(f"x:{folders[family]}").space for open_ in ENGINES.values()}
    assert len(spaces) == 1


def test_no_two_models_share_a_space(folders: dict[str, Path]) -> None:
    urls = [f"onnx:{folder}" for folder in folders.values()]
    urls += [f"{url}?kernel={kernel}" for url in urls for kernel in ("q8", "int8")]
    assert len({onnx.connect(url).space.fingerprint for url in urls}) == 12


@pytest.mark.parametrize(("kernel", "least"), [("q8", 0.999), ("int8", 0.99)])
@pytest.mark.parametrize("family", small_models.FAMILIES)
def test_smaller_kernels_stay_near(
    folders: dict[str, Path], family: str, kernel: str, least: float
) -> None:
    rows = onnx.connect(f"onnx:{folders[family]}?kernel={kernel}").embed_now(TEXTS)
    assert (rows * REFERENCES[family]).sum(axis=1).min() > least


@pytest.mark.parametrize("kernel", ["fp32", "q8"])
def test_a_row_is_the_same_alone_and_in_any_batch(folders: dict[str, Path], kernel: str) -> None:
    embedder = onnx.connect(f"onnx:{folders['bert']}?kernel={kernel}")
    many = [" ".join(small_models.WORDS[n % 7 : n % 19]) + str(n) for n in range(60)]
    together = embedder.embed_now(many)
    alone = np.stack([embedder.embed_now([text])[0] for text in many])
    assert embedder.invariant
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_kernel_that_depends_on_the_batch_says_so(folders: dict[str, Path]) -> None:
    assert not onnx.connect(f"onnx:{folders['bert']}?kernel=int8").invariant


def test_what_is_cut_is_named_exactly(folders: dict[str, Path]) -> None:
    embedder = onnx.connect(f"onnx:{folders['bert']}")
    fits = " ".join(["red"] * 22)
    texts = ["", "red", fits, f"{fits} red", "x" * 1_000_000]
    assert [cut.place for cut in embedder.cuts(texts)] == [3, 4]
    assert {cut.kept for cut in embedder.cuts(texts)} == {24}


def test_a_prompt_belongs_to_its_purpose(folders: dict[str, Path]) -> None:
    embedder = onnx.connect(f"onnx:{folders['xlm_roberta']}")
    roles = ("query", "document", "symmetric")
    query, document, plain = (embedder.embed_now(["red"], purpose=role)[0] for role in roles)
    assert not np.allclose(query, document, atol=1e-3)
    assert not np.allclose(document, plain, atol=1e-3)


def test_a_hub_snapshot_is_links_and_works(folders: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    (tmp_path / "snapshot").mkdir()
    for n, file in enumerate(sorted(folders["bert"].iterdir())):
        (tmp_path / "blobs" / str(n)).write_bytes(file.read_bytes())
        (tmp_path / "snapshot" / file.name).symlink_to(tmp_path / "blobs" / str(n))
    linked = onnx.connect(f"onnx:{tmp_path / 'snapshot'}")
    np.testing.assert_allclose(linked.embed_now(TEXTS), REFERENCES["bert"], atol=2e-6)
    assert linked.space.fingerprint == onnx.connect(f"onnx:{folders['bert']}").space.fingerprint


def test_one_changed_number_of_each_tensor_makes_another_space(tmp_path: Path) -> None:
    before = onnx.connect(f"onnx:{small_models.bert(tmp_path / 'model')}").space
    path = tmp_path / "model" / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert onnx.connect(f"onnx:{tmp_path / 'model'}").space.fingerprint != before.fingerprint


def edit(name: str, **values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


def write(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def cut_short(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-4])


def other_tokenizer(folder: Path) -> None:
    tokenizer = small_models.wordpiece()
    tokenizer.add_tokens([f"word{n}" for n in range(100)])
    tokenizer.save(str(folder / "tokenizer.json"))


BREAKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "weights cut short": (cut_short, "cut short"),
    "weights of another kind": (write("model.safetensors", b"\x80\x04pickled"), "no sound"),
    "weights empty": (write("model.safetensors", b""), "no sound"),
    "header that lies": (write("model.safetensors", b"\xff" * 16), "longer than the file"),
    "header of junk": (write("model.safetensors", b"\x04" + bytes(7) + b"null"), "no sound"),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), "no sound"),
    "no tokenizer": (lambda f: (f / "tokenizer.json").unlink(), "tokenizer"),
    "tokenizer of junk": (write("tokenizer.json", b"{}"), "is no tokenizer"),
    "tokenizer of another model": (other_tokenizer, "not its tokenizer"),
    "no config": (lambda f: (f / "config.json").unlink(), "config.json"),
    "config of junk": (write("config.json", b"{"), "cannot be read"),
    "config without sizes": (write("config.json", b'{"model_type": "bert"}'), "config.json|gelu"),
    "unknown family": (edit("config.json", model_type="t5"), "type t5"),
    "unknown activation": (edit("config.json", hidden_act="relu"), "relu"),
    "more layers than weights": (edit("config.json", num_hidden_layers=3), "lacks the tensor"),
    "another width": (edit("config.json", hidden_size=64), "should be"),
    "heads that do not divide": (edit("config.json", num_attention_heads=5), "heads"),
    "more tokens than positions": (edit("config.json", max_position_embeddings=99), "positions"),
    "dense as a pickle": (
        lambda f: [
            small_models._modules(f, {"pooling_mode_mean_tokens": True}, dense=True),
            (f / "2_Dense").mkdir(),
            write(
                "2_Dense/config.json",
                b'{"activation_function": "torch.nn.modules.linear.Identity"}',
            )(f),
        ],
        "pickle",
    ),
    "unknown pooling": (
        lambda f: small_models._modules(f, {"pooling_mode_max_tokens": True}),
        "pools by",
    ),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_refused_by_name(tmp_path: Path, name: str, engine: str) -> None:
    folder = small_models.bert(tmp_path / "model")
    change, said = BREAKS[name]
    change(folder)
    if name == "more tokens than positions":
        (folder / "sentence_bert_config.json").unlink()
    with pytest.raises(ModelDamaged, match=said):
        ENGINES[engine](f"{engine}:{folder}")


@pytest.mark.parametrize("query", ["kernel=fp8", "threads=many", "kernal=q8", "threads=-1"])
def test_options_that_mean_nothing_are_refused(tmp_path: Path, query: str) -> None:
    with pytest.raises(Misconfigured, match="kernel=fp32"):
        onnx.connect(f"onnx:{small_models.bert(tmp_path / 'model')}?{query}")


def test_texts_stay_in_order_whatever_their_length(folders: dict[str, Path]) -> None:
    embedder: FolderEmbedder = onnx.connect(f"onnx:{folders['mpnet']}")
    rows = embedder.embed_now([*TEXTS, "", *reversed(TEXTS)])
    np.testing.assert_allclose(rows[:5], REFERENCES["mpnet"], atol=2e-6)
    np.testing.assert_array_equal(rows[:5], rows[:5:-1])


@pytest.mark.parametrize("family", small_models.FAMILIES)
def test_what_is_made_of_a_token_is_what_is_pooled(folders: dict[str, Path], family: str) -> None:
    opened = open_folder(f"onnx:{folders[family]}", ("fp32",))
    networks = (OnnxNetwork(opened), ArrayNetwork(opened.recipe, opened.weights))
    read = TextReader(opened.recipe, opened.weights.tensor(layers.WORDS).shape[0]).read(TEXTS)
    for run in runs(read, opened.recipe):
        one, other = (network.states(run) for network in networks)
        np.testing.assert_allclose((run.pool @ one)[:, 0], networks[0].pooled(run), atol=1e-6)
        for row, again, length in zip(one, other, run.lengths, strict=True):
            np.testing.assert_allclose(row[:length], again[:length], atol=1e-5)


@pytest.mark.parametrize("family", small_models.FAMILIES)
def test_every_token_says_where_it_stands(folders: dict[str, Path], family: str) -> None:
    embedder = onnx.connect(f"onnx:{folders[family]}")
    text = "\u0130 refund the \ud800 big order in paris"
    (said,) = embedder.token_states([text])
    words = [text[start:end].strip() for start, end in said.spans]
    assert [word for word in words if len(word) > 1] == "refund the big order in paris".split()
    np.testing.assert_allclose(np.linalg.norm(said.rows, axis=1), 1, atol=1e-5)
    (asked,) = embedder.token_states([text], purpose="query")
    np.testing.assert_array_equal(asked.spans, said.spans)


def test_a_text_too_long_for_the_model_is_read_in_parts(folders: dict[str, Path]) -> None:
    embedder = onnx.connect(f"onnx:{folders['bert']}")
    text = "order " * 20 + "refund " + "weather " * 40
    nothing, said = embedder.token_states([" ", text])
    assert nothing.rows.shape == (0, small_models.HIDDEN)
    assert [text[start:end] for start, end in said.spans] == text.split()
    (alone,) = embedder.token_states([" ".join(text.split()[11:33])])
    np.testing.assert_allclose(said.rows[17:27], alone.rows[6:16], atol=1e-5)


def test_a_letter_that_grows_when_it_is_small_moves_no_token(tmp_path: Path) -> None:
    folder = small_models.bert(tmp_path / "bert")
    limits = {"max_seq_length": 24, "do_lower_case": True}
    (folder / "sentence_bert_config.json").write_text(json.dumps(limits))
    text = "\u0130 Refund"
    (said,) = onnx.connect(f"onnx:{folder}").token_states([text])
    assert text[slice(*said.spans[-1])] == "Refund"
