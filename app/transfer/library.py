"""Folders and personas, as they stand in the head of Conclave's own file."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import asdict

from app.domain.transfer import CarriedFolder, CarriedLibrary, CarriedPersona
from app.transfer.fields import items, mapping, text


def library_fields(library: CarriedLibrary) -> dict[str, object]:
    """What a file says of them."""
    return {
        "folders": [
            {"id": folder.number, "name": folder.name, "collapsed": folder.collapsed}
            for folder in library.folders
        ],
        "personas": [asdict(persona) for persona in library.personas],
    }


def read_library(head: Mapping[str, object]) -> CarriedLibrary:
    """The folders that have a number of their own, and the personas that say something."""
    folders: dict[int, CarriedFolder] = {}
    for said in map(mapping, items(head.get("folders"))):
        number = said.get("id")
        if type(number) is int:
            found = CarriedFolder(number, text(said.get("name")), said.get("collapsed") is True)
            folders.setdefault(number, found)
    personas = tuple(
        CarriedPersona(text(said.get("name")), text(said.get("prompt")))
        for said in map(mapping, items(head.get("personas")))
        if text(said.get("prompt"))
    )
    return CarriedLibrary(tuple(folders.values()), personas)
