"""The list of commands tells of each what the command itself tells."""

import pkgutil

import pytest
from typer.testing import CliRunner

import service.commands
from service.cli import COMMANDS, app, load


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_found_and_says_the_same_of_itself(name):
    assert load(name).help.split("\n\n")[0].replace("\n", " ") == COMMANDS[name][1]


def test_every_module_of_commands_is_in_the_list():
    modules = {module.name for module in pkgutil.iter_modules(service.commands.__path__)}
    assert modules == {module for module, _ in COMMANDS.values()}


def test_a_wrong_name_gets_a_suggestion():
    result = CliRunner().invoke(app, ["soruces", "status"])
    assert result.exit_code == 2
    assert "'sources'" in result.output
