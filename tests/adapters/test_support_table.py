from engines import support


def test_the_support_table_is_the_one_that_the_suite_verifies() -> None:
    page = support.PAGE.read_text("utf-8")
    assert page == support.written(page), "python tests/engines/support.py writes it"


def test_every_promise_of_the_table_is_one_of_the_contract() -> None:
    every = [test for tests in support.promises().values() for test in tests]
    for ability, signs in support.ABILITIES.items():
        for sign in signs:
            assert any(sign in test for test in every), (ability, sign)


def test_no_cell_says_yes_to_what_is_not_run() -> None:
    for name in support.VERSIONS:
        run = support.kept(name).tests
        for ability in support.ABILITIES:
            cell = support._cell(support.kept(name), name, ability)
            assert (cell == "yes" or cell.startswith("no: ")) == (support.tests_of(ability) <= run)
