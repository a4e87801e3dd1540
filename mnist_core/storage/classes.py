"""The workspaces of classes: the name that a teacher gave, and the short code."""

from dataclasses import dataclass, fields

import sqlalchemy as sa

from mnist_core.storage.database import Database
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import CLASSES, insert_into
from mnist_core.storage.workspaces import new_code
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import one_line

NAME_LENGTH = 40


class ClassError(MnistError):
    """A name that a class or a person in it cannot have."""


@dataclass(frozen=True)
class Class:
    """What is known of a class.

    name: "" until somebody gives it one; a person wrote it. code: opens the workspace, as its token
    does; None until somebody asks for one.
    """

    name: str = ""
    code: str | None = None


def find(store: Store) -> Class:
    """Return what is known of the class whose workspace this is."""
    columns = [CLASSES.c[field.name] for field in fields(Class)]
    query = sa.select(*columns).where(CLASSES.c.workspace == store.workspace)
    with store.database.read() as connection:
        row = connection.execute(query).one_or_none()
    return Class(*row) if row else Class()


def rename(store: Store, name: str) -> None:
    """Give the class another name, "" for none. Raises ClassError if it is too long."""
    name = name and checked_name(name)
    row = {"workspace": store.workspace, "name": name}
    with store.database.write() as connection:
        insert = insert_into(connection, CLASSES, row)
        change = insert.on_conflict_do_update(index_elements=["workspace"], set_={"name": name})
        connection.execute(change)


def make_code(store: Store) -> str:
    """Return the short code of the class; the first call makes it."""
    row = {"workspace": store.workspace, "code": new_code()}
    with store.database.write() as connection:
        insert = insert_into(connection, CLASSES, row)
        kept = sa.func.coalesce(CLASSES.c.code, insert.excluded.code)
        change = insert.on_conflict_do_update(index_elements=["workspace"], set_={"code": kept})
        return connection.execute(change.returning(CLASSES.c.code)).scalar_one()


def workspace_of_code(database: Database, code: str) -> str | None:
    """Return the name of the workspace that a short code opens, None if it opens none."""
    with database.read() as connection:
        return connection.scalar(sa.select(CLASSES.c.workspace).where(CLASSES.c.code == code))


def checked_name(text: str) -> str:
    """Return a name on one line, without spaces around it. Raises ClassError if it is too long."""
    name = one_line(text)
    if len(name) > NAME_LENGTH:
        raise ClassError(
            f"a name may have at most {NAME_LENGTH} characters; received {len(name)}: shorten it"
        )
    return name
