"""The file BUILD knows every file of the tree and everything that a rule's files import."""
import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).absolute().parents[1]
FOLDERS = ('dreamer_tf', 'robot_envs', 'gin', 'tests', 'examples', 'benchmarks')
SUFFIXES = ('.py', '.xml', '.gin', '.typed')


def _glob(include, exclude=()):
    """Bazel's glob: paths of files relative to ROOT, sorted."""
    def files(pattern):
        if pattern.endswith('**'):
            pattern += '/*'
        return {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern)
                if path.is_file() and '__pycache__' not in path.parts}
    found = set().union(*map(files, include)) - set().union(*map(files, exclude))
    return sorted(found)


class BuildFile:
    """The rules of BUILD, read by running it: its language is a subset of Python.

    Attributes:
        rules: {name: {'kind', 'srcs', 'data', 'deps', ...}}.
    """

    def __init__(self, text):
        self.rules = {}
        scope = {'glob': _glob, 'package': lambda **_: None}
        for kind in ('py_library', 'py_binary', 'py_test', 'filegroup'):
            scope[kind] = lambda kind=kind, **rule: self.rules.update({
                rule['name']: dict(rule, kind=kind)})
        exec(compile(text, 'BUILD', 'exec'), scope)

    def files(self, name):
        """The files that the rule itself names."""
        rule = self.rules[name]
        return set(rule.get('srcs', ())) | set(rule.get('data', ()))

    def reachable(self, name):
        """The files of the rule and of all rules that it depends on."""
        found = self.files(name)
        for dependency in self.rules[name].get('deps', ()):
            found |= self.reachable(dependency.lstrip(':'))
        return found


@pytest.fixture(scope='module')
def build():
    return BuildFile((ROOT / 'BUILD').read_text())


def _tree():
    return sorted(path for folder in FOLDERS for path in _glob([folder + '/**'])
                  if path.endswith(SUFFIXES))


def _imported_files(path):
    """The files of this project that a file imports, at any depth in it."""
    modules = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            modules |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules |= {node.module} | {'%s.%s' % (node.module, name.name) for name in node.names}
    candidates = {module.replace('.', '/') + end for module in modules
                  if module.split('.')[0] in ('dreamer_tf', 'robot_envs', 'benchmarks')
                  for end in ('.py', '/__init__.py')}
    return {candidate for candidate in candidates if (ROOT / candidate).is_file()}


def _missing(build):
    known = set().union(*map(build.files, build.rules))
    return [path for path in _tree() if path not in known]


def test_every_file_is_in_a_rule(build):
    missing = _missing(build)
    assert not missing, 'add to BUILD: %s' % ', '.join(missing)


def test_a_package_without_rule_is_noticed():
    build = BuildFile((ROOT / 'BUILD').read_text())
    del build.rules['robot_envs_wrappers']
    assert 'robot_envs/wrappers/sensor_check.py' in _missing(build)


def test_every_named_file_is_there(build):
    for name in build.rules:
        gone = [path for path in build.files(name)
                if not path.startswith(':') and not (ROOT / path).is_file()]
        assert not gone, 'rule %s names files that are not there: %s' % (name, gone)


def test_every_test_file_is_a_py_test(build):
    started = {rule['args'][0] for rule in build.rules.values() if rule['kind'] == 'py_test'}
    assert started == set(_glob(['tests/**/test_*.py']))


def test_every_import_is_in_the_deps(build):
    missing = []
    for name, rule in sorted(build.rules.items()):
        reachable = build.reachable(name)
        for path in rule.get('srcs', ()):
            missing += ['%s imports %s, which is not in the deps of %s' % (path, imported, name)
                        for imported in sorted(_imported_files(path) - reachable)]
    assert not missing, '\n'.join(missing)
