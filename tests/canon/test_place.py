"""Prompts are placed among known templates, or left alone."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.matching.place import KnownTemplate, Matcher, reasons
from promptuary.canon.templates import filling, residual
from promptuary.canon.templates.filling import Hole

TEMPLATES = {
    "translate": "Translate the following sentence to {{language}}:\n{{text}}",
    "french": "Translate the following sentence to French:\n{{text}}",
    "review": "{{review}}\n\nHow would you rate the product in this review? Rating from 1 to 5:",
    "rag": "Context:\n{{context}}\n\nQuestion: {{question}}\nAnswer:",
    "mail": 'Write a polite reply to the customer named {{name}}. Their message: "{{message}}"',
    "chinese": "请把下面的句子翻译成{{language}}：{{text}}",
    "short": "Summarize: {{text}}",
}
WORDS = "alpha beta gamma delta {{a}} {{b}} x, y. : \n \\ é 中 - \" ' ".split(" ")


def matcher(**options):
    known = [KnownTemplate(key, text) for key, text in TEMPLATES.items()]
    return Matcher.build(known, **options)


def match(prompt, **options):
    return matcher(**options).match([prompt])[0]


def rebuilt(found, text):
    return residual.apply(found.residual, filling.fill(text, found.slots))


def test_a_filled_template_is_read_back():
    found = match("Context:\nIt rains.\n\nIt pours.\n\nQuestion: Does it snow?\nAnswer:")
    assert (found.key, found.similarity, found.residual) == ("rag", 1.0, "")
    assert found.slots == {"context": "It rains.\n\nIt pours.", "question": "Does it snow?"}


@pytest.mark.parametrize(
    ("prompt", "language", "text"),
    [
        ("translate the following sentence to german: hello", "german", "hello"),
        ("Translate  the following\tsentence to German\n\n hello", "German", "hello"),
        ("Translate the folowing sentense to German:\nhi", "German", "hi"),
        ("Please translate the following sentence to German:\nhi", "German", "hi"),
        ("TRANSLATE THE FOLLOWING SENTENCE TO GERMAN - HI", "GERMAN", "HI"),
    ],
)
def test_noise_goes_to_the_residual_and_not_into_values(prompt, language, text):
    found = match(prompt)
    assert found.key == "translate"
    assert found.slots == {"language": language, "text": text}
    assert rebuilt(found, TEMPLATES["translate"]) == prompt


def test_the_template_that_explains_more_wins():
    assert match("Translate the following sentence to French:\nhi").key == "french"
    assert match("Translate the following sentence to Dutch:\nhi").key == "translate"


def test_a_general_template_does_not_swallow_a_changed_longer_one():
    longer = "Summarize this article for a busy manager in three short bullet points: {{text}}"
    known = [KnownTemplate("general", "Summarize this {{text}}"), KnownTemplate("longer", longer)]
    prompt = filling.fill(longer.replace("short ", ""), {"text": "It rained."})
    found = Matcher.build(known, evidence=0).match([prompt])[0]
    assert (found.key, found.missing) == ("longer", ("short",))


def test_scripts_without_spaces_are_matched():
    found = match("请把下面的句子翻译成英文：你好，世界")
    assert (found.key, found.slots) == ("chinese", {"language": "英文", "text": "你好，世界"})


def test_indentation_and_quotes_inside_a_value_stay():
    found = match('Context:\n    def f():\n        return "x"\n\nQuestion: What?\nAnswer:')
    assert found.slots["context"] == '    def f():\n        return "x"'


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "?!",
        "What is the capital of France?",
        "The question is whether an answer exists in this context at all.",
        "Write a poem about the sea and summarize: nothing",
        "Rate this product",
    ],
)
def test_one_offs_are_left_alone(prompt):
    assert match(prompt) is None


def test_a_template_of_common_words_only_places_nothing():
    greedy = Matcher.build([KnownTemplate("a", "{{a}} is {{b}}"), KnownTemplate("b", "{{a}}")])
    assert greedy.match(["This is it", "What is what is", "is", ""]) == [None] * 4


def test_no_templates_place_nothing():
    assert Matcher.build([]).learned([]).match(["hello", ""]) == [None, None]


def test_polite_words_are_learned_and_cut_off_values():
    closed = [f"{{{{x}}}} {word} one two three end." for word in ("red", "blue", "green")]
    known = [KnownTemplate(str(n), text) for n, text in enumerate([*closed, "Tell me of {{x}}"])]
    plain = Matcher.build(known)
    seen = [f"A value {word} one two three end. Many thanks!" for word in ("red", "blue", "green")]
    prompt = "Tell me of the sea. Many thanks!"
    assert plain.match([prompt])[0].slots == {"x": "the sea. Many thanks!"}
    found = plain.learned(seen).match([prompt])[0]
    assert found.slots == {"x": "the sea."}
    assert residual.apply(found.residual, "Tell me of the sea.") == prompt


@given(
    st.lists(st.sampled_from([*WORDS, Hole("a"), Hole("b")]), max_size=12),
    st.lists(st.sampled_from(WORDS), max_size=30),
    st.text(st.characters(exclude_categories=()), max_size=10),
    st.text(st.characters(exclude_categories=()), max_size=10),
)
def test_fill_and_residual_give_any_matched_prompt_back(parts, middle, head, tail):
    template = filling.format(parts)
    lenient = Matcher.build([KnownTemplate("t", template)], threshold=0.1, evidence=0)
    filled = filling.fill(template, {"a": head, "b": tail})
    for prompt in (filled, head + filled + tail, head + " ".join(middle) + tail, filled.upper()):
        for found in lenient.learned([filled]).match([prompt]):
            assert found is None or rebuilt(found, template) == prompt


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_value_in_any_template_can_be_given_back(text):
    for template in TEMPLATES.values():
        prompt = filling.fill(template, dict.fromkeys(filling.holes(template), text))
        found = match(prompt)
        assert found is None or rebuilt(found, TEMPLATES[found.key]) == prompt


def test_reasons_can_be_read():
    found = match('Write a reply to the customer named Ann. Their message: "hi"')
    assert reasons(found, {"mail": "Polite reply"}) == (
        "shares 9 of 10 fixed words with template Polite reply",
        "lacks `polite`",
        "differs in slots `name`, `message`",
    )


def test_the_nearest_other_template_is_named():
    found = match("Translate the following sentence to Dutch:\nhi")
    assert found.next_key == "french"
    assert 0.5 < found.next_similarity < found.similarity
    assert reasons(found, {})[-1] == (f"nearest other template french: {found.next_similarity:.2f}")


def test_the_order_of_templates_changes_nothing():
    prompts = [filling.fill(text, {"text": "a b", "name": "Bo"}) for text in TEMPLATES.values()]
    known = [KnownTemplate(key, text) for key, text in TEMPLATES.items()]
    forwards = Matcher.build(known).match(prompts)
    backwards = Matcher.build(known[::-1]).match(prompts)
    assert [m and m.key for m in forwards] == [m and m.key for m in backwards]


def test_a_megabyte_is_matched_in_a_moment():
    value = "word " * 100_000 + "x" * 500_000
    prompts = [
        filling.fill(TEMPLATES["rag"], {"context": value, "question": "q"}),
        value,
        ":" * 10**6,
    ]
    started = time.process_time()
    found = matcher().match(prompts)
    assert found[0].slots["question"] == "q"
    assert time.process_time() - started < 5


@pytest.mark.slow
def test_each_of_a_thousand_templates_is_told_apart():
    rng = random.Random(7)
    words = ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(2, 9))) for _ in range(2_000)]
    texts = [
        " ".join(rng.choices(words, k=6)) + ": {{a}}\n" + " ".join(rng.choices(words, k=6))
        for _ in range(1_000)
    ]
    many = Matcher.build([KnownTemplate(str(n), text) for n, text in enumerate(texts)])
    value = " ".join(rng.choices(words, k=40))
    prompts = [filling.fill(text, {"a": value}) for text in texts]
    found = many.match(prompts)
    assert [m.key for m in found] == [str(n) for n in range(1_000)]


def test_learning_while_matching_changes_no_match():
    verbs = ("Summarize", "Translate", "Shorten", "Correct")
    known = Matcher.build(
        [KnownTemplate(verb, f"{verb} the following text for me: {{{{text}}}}") for verb in verbs]
    )
    values = ("bread and butter", "please", "a long day, thanks", "rain")
    texts = [f"{verb} the following text for me: {value}" for verb in verbs for value in values]
    texts += [f"Please {text}" for text in texts] + [f"Please {text} thanks" for text in texts]
    taught = known.learned(texts)
    assert taught.affixes.any
    assert known.learn_and_match(texts) == taught.match(texts)
