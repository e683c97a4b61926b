"""Reading the list of animals as people make it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import DataError
from simulator.tables.animals import ListedAnimal, read_animals

LIST = "id,weight_g,cage\n1,20.5,A\n2,19.8,A\n3,21,B\n"
EXPECTED = (
    ListedAnimal("1", 20.5, "A"),
    ListedAnimal("2", 19.8, "A"),
    ListedAnimal("3", 21.0, "B"),
)


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], tuple[ListedAnimal, ...]]:
    def read(text: str) -> tuple[ListedAnimal, ...]:
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="utf-8")
        return read_animals(path)

    return read


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", ";").replace(".", ","),
        lambda text: text.replace("id,weight_g,cage", "Maus,Gewicht,Käfig"),
        lambda text: text.replace("id,weight_g,cage", "Mouse ID,Body weight (g),Box"),
        lambda text: text.replace("\n", ",note\n", 1).replace("A\n", "A,x\n").replace("B", "B,"),
    ],
)
def test_the_same_list_however_it_was_made(
    read: Callable[[str], tuple[ListedAnimal, ...]], change: Callable[[str], str]
) -> None:
    assert read(change(LIST)) == EXPECTED


def test_cages_may_be_left_out(read: Callable[[str], tuple[ListedAnimal, ...]]) -> None:
    assert read("id,weight\n1,20\n2,21\n")[1] == ListedAnimal("2", 21.0, "")


@pytest.mark.parametrize(
    ("text", "line", "path", "message"),
    [
        ("id,cage\n1,A\n", 1, "weight_g", "column is missing; the list needs the columns id, we"),
        ("weight_g,cage\n20,A\n", 1, "id", "column is missing"),
        ("id,mouse no,subject,weight\n1,1,1,20\n", 1, "id", None),
        ("id,weight,gewicht\n1,20,20\n", 1, "weight_g", 'may be any of "weight", "gewicht"'),
        ("id,weight_g\n1,20\n1,21\n", 3, "id", '"1" is on line 2 already'),
        ("id,weight_g\n,20\n2,21\n", 2, "id", "is empty"),
        ("id,weight_g\n1,\n2,21\n", 2, "weight_g", "is empty: weigh the animal"),
        ("id,weight_g\n1,tot\n", 2, "weight_g", '"tot" is not a number: weigh the animal, or t'),
        ("id,weight_g\n1,20 g\n", 2, "weight_g", "write the number alone"),
        ("id,weight_g\n1,0.020\n", 2, "weight_g", "not the weight of a mouse in grams: 5 to 200"),
        ("id,weight_g\n1,20500\n", 2, "weight_g", "not the weight of a mouse in grams"),
        ("id,weight_g\n1,<20\n", 2, "weight_g", "not the weight of a mouse in grams"),
        ("id,weight_g,cage\n1,20,\n", 2, "cage", "is empty: give every animal its cage"),
        ("id,weight_g\n1,20,3,4\n", 2, "row", "has 4 cells where the header has 2"),
        ("id,weight_g\n", 1, "file", "has a header but no rows"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(
    read: Callable[[str], tuple[ListedAnimal, ...]],
    text: str,
    line: int,
    path: str,
    message: str | None,
) -> None:
    if message is None:  # one column is called id: there is no doubt
        assert read(text)[0].animal == "1"
        return
    with pytest.raises(DataError, match="problem") as caught:
        read(text)
    problem = caught.value.problems[0]
    assert (problem.line, problem.path) == (line, path)
    assert message in problem.message


def test_all_problems_at_once_but_no_endless_list(
    read: Callable[[str], tuple[ListedAnimal, ...]],
) -> None:
    rows = "".join(f"{k},heavy\n" for k in range(30))
    with pytest.raises(DataError, match="9 problems") as caught:
        read("id,weight_g\n" + rows + "a,\nb,\n,20\n")
    messages = [str(one) for one in caught.value.problems]
    assert [text for text in messages if "more" in text] == [
        "line 7  weight_g  and 25 more like line 6"
    ]
    assert messages[-1] == "line 34  id  is empty"
