"""An object by what a command line calls it: `package.module:name`."""

import importlib

from lanchat.consumers.errors import NotLoadable


def load(path: str) -> object:
    """Import a module and return an object of it.

    Args:
        path: as `package.module:name`; the name may have dots.

    Raises:
        NotLoadable: there is none.
        Exception: whatever the module itself raises when it is imported.
    """
    module_name, mark, name = path.partition(":")
    if not (mark and name and all(part.isidentifier() for part in (*module_name.split("."), *name.split(".")))):
        raise NotLoadable(f"Name a module and an object of it, as package.module:name, unlike {path!r}.")
    try:
        found: object = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise  # something that the module imports is missing
        raise NotLoadable(f"There is no module {error.name}; it is looked for here and where packages are.") from None
    for part in name.split("."):
        if not hasattr(found, part):
            raise NotLoadable(f"There is no {name} in {module_name}.")
        found = getattr(found, part)
    return found
