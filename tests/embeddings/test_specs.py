import pytest

from promptuary.domain.errors import InvalidInput
from promptuary.embeddings.catalogue import MODELS, known_as
from promptuary.embeddings.specs import Auto, Folder, Hub, Spec, Static, Url, parse

MINILM = MODELS["minilm"]
MULTILINGUAL = MODELS["multilingual-mini"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("auto", Auto()),
        ("static", Static()),
        ("static:", Static()),
        ("./model", Folder("./model")),
        ("/srv/model?kernel=q8", Folder("/srv/model", "kernel=q8")),
        ("~/model", Folder("~/model")),
        ("folder:model", Folder("model")),
        ("minilm", Hub(MINILM.hub, known=MINILM)),
        ("legacy", Hub(MINILM.hub, known=MINILM)),
        ("all-MiniLM-L6-v2", Hub(MINILM.hub, known=MINILM)),
        ("minilm?kernel=int8", Hub(MINILM.hub, known=MINILM, options="kernel=int8")),
        ("multilingual-mini", Hub(MULTILINGUAL.hub, known=MULTILINGUAL)),
        ("hf:someone/small", Hub("someone/small")),
        ("hf:someone/small@v1.2", Hub("someone/small", "v1.2")),
        (f"hf:{MINILM.hub}", Hub(MINILM.hub, known=MINILM)),
        ("openai:text-embedding-3-small?dim=512", Url("openai:text-embedding-3-small?dim=512")),
        ("http://localhost:8080/v1", Url("http://localhost:8080/v1")),
    ],
)
def test_a_spec_says_one_thing(text: str, meant: Spec) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize("text", ["", "minilmm", "hf:", "hf:a/b/c", "hf:../x", "some model", "a\0"])
def test_what_names_nothing_is_refused_and_never_guessed(text: str) -> None:
    with pytest.raises(InvalidInput, match="hf:org/name"):
        parse(text)


@pytest.mark.parametrize("known", MODELS.values(), ids=lambda known: known.name)
def test_names_with_and_without_their_publisher_are_one_model(known: object) -> None:
    hub = MODELS[known.name].hub
    assert known_as(hub) is known_as(hub.partition("/")[2]) is known_as(known.name) is known
