"""Every public name says what it is for, and every package says what it exports."""

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator
from types import ModuleType

from tests.laws import sources

_Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def silent(name: str, module: ast.Module) -> list[str]:
    """Say what public in a module has no docstring: itself, its functions, its classes and their methods."""
    wrong = [] if ast.get_docstring(module) else [f"{name} has no docstring"]
    return wrong + [f"{name}.{path} has no docstring" for path, node in _public(module) if not ast.get_docstring(node)]


def unsorted(names: list[str]) -> list[str]:
    """Return the names in their order, when they are not in it: constants, classes, functions, each by the alphabet."""
    ordered = sorted(names, key=_place)
    return [] if names == ordered else ordered


def _public(scope: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, _Documented]]:
    for node in scope.body:
        if isinstance(node, _Documented) and not node.name.startswith("_"):
            if not _explained_elsewhere(node):
                yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public(node, f"{prefix}{node.name}.")


def _explained_elsewhere(node: _Documented) -> bool:
    """Whether this is one more form of a name that has its docstring at another place."""
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(names & {"overload", "override", "setter"})


def _place(name: str) -> tuple[int, str]:
    if re.fullmatch(r"[A-Z][A-Z0-9_]+", name):
        return 0, name
    return (1 if name[0].isupper() else 2), name


def _has(package: ModuleType, name: str) -> bool:
    """Return whether a package has a name, or a module of that name, which may be loaded when it is asked for."""
    return hasattr(package, name) or importlib.util.find_spec(f"{package.__name__}.{name}") is not None


def test_every_public_name_has_a_docstring() -> None:
    sources.obeyed(line for name, path in sources.modules().items() for line in silent(name, sources.tree(path)))


def test_every_package_lists_what_it_exports_in_order_and_has_it() -> None:
    wrong = []
    for name, path in sources.modules().items():
        if path.name != "__init__.py":
            continue
        names = sources.exports(sources.tree(path))
        if names is None:
            wrong.append(f"{name} has no __all__")
            continue
        if ordered := unsorted(names):
            wrong.append(f"{name}.__all__ is not in order: {ordered}")
        try:
            package = importlib.import_module(name)
        except ImportError as error:
            wrong.append(f"{name} cannot be imported: {error}")
            continue
        wrong += [f"{name} exports {each}, which is not there" for each in names if not _has(package, each)]
    sources.obeyed(wrong)


def test_every_folder_of_modules_is_a_package() -> None:
    packages = {path.parent for path in sources.modules().values() if path.name == "__init__.py"}
    assert {path.parent for path in sources.modules().values()} - packages == set()


def test_a_silent_name_is_found() -> None:
    code = '"""Said."""\ndef f(): ...\nclass C:\n  """Said."""\n  def m(self): ...\n  def _p(self): ...\ndef _g(): ...'
    assert silent("m", ast.parse(code)) == ["m.f has no docstring", "m.C.m has no docstring"]
    assert silent("m", ast.parse("x = 1")) == ["m has no docstring"]


def test_a_disorder_is_found() -> None:
    assert unsorted(["b", "a"]) == ["a", "b"]
    assert unsorted(["MAX", "Alpha", "a"]) == []
    assert unsorted(["Alpha", "MAX"]) == ["MAX", "Alpha"]


def test_a_package_without_exports_is_found() -> None:
    assert sources.exports(ast.parse('"""Said."""\nfrom a import b')) is None
    assert sources.exports(ast.parse('"""Said."""')) == []
    assert sources.exports(ast.parse('"""Said."""\n__all__ = ["a"]')) == ["a"]
