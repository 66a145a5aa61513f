"""What would be done again for every test with the same outcome is done once for each process.

Nothing is replaced by a fake: a password is hashed and checked as always, statements, templates and routes are
compiled as always, each once. Only the disk is not waited for; whether it would be is tested (``disk_awaited``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import CodeType
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from flask import Flask
from flask.templating import Environment
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from inbox.accounts import passwords
from inbox.servers import engines

AS_INSTALLED = (os.fsync, engines._PRAGMAS)


class _Remembering(PasswordHasher):
    """Checks the same password against the same hash once."""

    def __init__(self, like: PasswordHasher) -> None:
        super().__init__(like.time_cost, like.memory_cost, like.parallelism)
        self._found: dict[tuple[str | bytes, str | bytes], Argon2Error | None] = {}

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
        asked = (hash, password)
        if asked not in self._found:
            try:
                super().verify(hash, password)
            except Argon2Error as error:
                self._found[asked] = error
            else:
                self._found[asked] = None
        if (error := self._found[asked]) is not None:
            raise error
        return True


@pytest.fixture(scope="session", autouse=True)
def passwords_hashed_once() -> Iterator[None]:
    """Hash and check each password once: Argon2 is slow on purpose, and hundreds of tests make the same people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hash", lru_cache(passwords._hash))
        patch.setattr(passwords, "_HASHER", _Remembering(passwords._HASHER))
        yield


@pytest.fixture(scope="session", autouse=True)
def disk_not_awaited() -> Iterator[None]:
    """Leave it to the system when files reach the disk: no test cuts the power, and each would wait tens of times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        pragmas = ("synchronous=OFF" if one.startswith("synchronous=") else one for one in engines._PRAGMAS)
        patch.setattr(engines, "_PRAGMAS", tuple(pragmas))
        yield


@pytest.fixture
def disk_awaited(disk_not_awaited: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As installed: what is committed is on the disk. To be asked for before the store."""
    fsync, pragmas = AS_INSTALLED
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(engines, "_PRAGMAS", pragmas)


class _Bytecode(BytecodeCache):
    """Compiled templates, by all that their code depends on."""

    def __init__(self) -> None:
        self._code: dict[object, CodeType] = {}

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:  # type: ignore[override]  # Flask's kind of environment
        syntax = (environment.trim_blocks, environment.lstrip_blocks, *sorted(environment.extensions))
        known = (*sorted(environment.filters), *sorted(environment.tests))
        key = str(hash((filename, source, syntax, known)))
        bucket = Bucket(environment, key, source)
        bucket.code = self._code.get(key)
        return bucket

    def set_bucket(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._code[bucket.key] = bucket.code

    def load_bytecode(self, bucket: Bucket) -> None:
        """Nothing: it is loaded with the bucket."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Nothing: it is kept with the bucket."""


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """Compile each template once: hundreds of tests make an application, whose templates begin uncompiled."""
    make, bytecode = Flask.create_jinja_environment, _Bytecode()

    def made(app: Flask) -> Environment:
        environment = make(app)
        environment.bytecode_cache = bytecode
        return environment

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "create_jinja_environment", made)
        yield


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_once() -> Iterator[None]:
    """Compile the building of each route's address once: that is most of what making an application takes."""
    compile_builder = Rule._compile_builder
    built: dict[object, Callable[..., tuple[str, str]]] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        converters = tuple((name, type(one)) for name, one in rule._converters.items())
        key = (rule.rule, tuple(rule._trace), converters, repr(rule.defaults), append_unknown)
        if key not in built:
            built[key] = compile_builder(rule, append_unknown)
        return built[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compiled)
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Compile each statement once for a kind of database: every test opens a store, whose cache begins empty.

    SQLAlchemy keeps compiled statements by dialect object; here two of one class count as the same.
    """
    compiled: LRUCache[Any, Any] = LRUCache(5000)

    def share(connection: Connection) -> None:
        connection.engine._compiled_cache = compiled

    with pytest.MonkeyPatch.context() as patch:
        for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
            patch.setattr(dialect, "__eq__", lambda self, other: type(self) is type(other), raising=False)
            patch.setattr(dialect, "__hash__", lambda self: hash(type(self)), raising=False)
        event.listen(Engine, "engine_connect", share)
        yield
        event.remove(Engine, "engine_connect", share)
