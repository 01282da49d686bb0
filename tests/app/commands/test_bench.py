"""`conclave bench` as a process; how fast the machine is does not matter here."""

from __future__ import annotations

import json

from tests.app.commands.shell import Shell

SMALL = ("--n-prompt", "16", "--n-generate", "4", "--repetitions", "2")


def test_json_has_two_tests_for_each_depth(tiny_shell: Shell) -> None:
    done = tiny_shell.run("bench", "--depths", "0,64", *SMALL, "--json")

    assert (done.returncode, done.stderr) == (0, "")
    tests = json.loads(done.stdout)
    assert [(test["n_prompt"], test["n_gen"], test["n_depth"]) for test in tests] == [
        (16, 0, 0),
        (0, 4, 0),
        (16, 0, 64),
        (0, 4, 64),
    ]
    assert all(len(test["samples_ns"]) == 2 and test["avg_ts"] > 0 for test in tests)
    assert tiny_shell.stored() == []


def test_the_table_names_model_and_machine(tiny_shell: Shell) -> None:
    done = tiny_shell.run("bench", "--depths", "0", *SMALL)

    assert done.returncode == 0
    assert "llama" in done.stdout.splitlines()[0]
    assert [line.split()[0] for line in done.stdout.splitlines()[4:]] == ["pp16", "tg4"]


def test_depths_that_are_not_numbers_are_refused(shell: Shell) -> None:
    done = shell.run("bench", "--depths", "deep")

    assert done.returncode == 2
    assert "'deep'" in done.stderr
