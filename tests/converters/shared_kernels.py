"""A fixture: kernels are compiled once for all tests, not once for each user folder."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def shared_kernels(
    data_dir: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Puts a folder that outlives the session where compiled kernels are kept."""
    data_dir.mkdir()
    (data_dir / "kernels").symlink_to(kernels_folder(request.config, tmp_path_factory))


def kernels_folder(config: pytest.Config, temporary: pytest.TempPathFactory) -> Path:
    """Where compiled kernels are kept for all tests."""
    if config.pluginmanager.hasplugin("cacheprovider"):
        return config.cache.mkdir("kernels")
    folder = temporary.getbasetemp() / "kernels"
    folder.mkdir(exist_ok=True)
    return folder
