"""Lets uv use the package index that pip is set to: uv does not read the settings of pip."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from tools.places import venv_pip
from tools.process import output_of

# pip's setting, uv's variable, others that say the same. Additional indexes are left out:
# where they hold a version too, but not all its files or their dates, uv goes no further.
_SETTINGS = (
    ("index-url", "UV_DEFAULT_INDEX", ("UV_INDEX_URL",)),
    ("trusted-host", "UV_INSECURE_HOST", ()),
    ("cert", "SSL_CERT_FILE", ()),
    ("proxy", "ALL_PROXY", ("HTTPS_PROXY", "https_proxy", "all_proxy")),
)


def uv_environment(env: Mapping[str, str]) -> dict[str, str]:
    """This environment, with what pip is set to added in uv's words."""
    return {**env, **translate(output_of([*venv_pip(), "config", "list"]) or "", env)}


def translate(pip_config: str, env: Mapping[str, str]) -> dict[str, str]:
    """uv's variables for the output of `pip config list`; what is set for uv already stays."""
    settings = parse(pip_config)
    found = {}
    for name, variable, synonyms in _SETTINGS:
        value = settings.get(name)
        if value and not any(key in env for key in (variable, *synonyms)):
            found[variable] = value
    return found


def parse(pip_config: str) -> dict[str, str]:
    """The settings in the output of `pip config list`; environment over install over global."""
    settings: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in pip_config.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in settings:
            settings[section][key] = " ".join(str(ast.literal_eval(value)).split())
    return settings["global"] | settings["install"] | settings[":env:"]
