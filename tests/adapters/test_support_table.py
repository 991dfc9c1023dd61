from engines import support


def test_the_support_table_is_the_one_that_the_suite_verifies() -> None:
    page = support.PAGE.read_text("utf-8")
    assert page == support.written(page), "python tests/engines/support.py writes it"


def test_every_promise_of_the_table_is_one_of_the_contract() -> None:
    promised = support.promises()
    for ability, signs in support.ABILITIES.items():
        for sign in signs:
            assert any(sign in name for name in promised), (ability, sign)
