"""The unit of work that other rooms pass to the inbox's functions, and the database's errors as they may meet them."""

from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.orm import Session

__all__ = [
    "DataError",
    "IntegrityError",
    "InterfaceError",
    "OperationalError",
    "SQLAlchemyError",
    "Session",
    "StatementError",
]
