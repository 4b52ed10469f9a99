"""Reads the commands of a Markdown file, with the marker that says how the tests treat them."""
import dataclasses
import pathlib
import re
from typing import List

MARKER = re.compile(r'<!--\s*test:\s*(?P<how>\w+)[ ,]*(?P<rest>.*?)\s*-->')
KINDS = ('check', 'run', 'skip')


@dataclasses.dataclass(frozen=True)
class Block:
    """One ```bash block.

    Attributes:
        line: number of its first line in the file, for messages.
        how: 'check' (the default), 'run' or 'skip'.
        extra: for 'run', words that are put behind each `python` and `make train` command.
        commands: its command lines; comments dropped, continued lines joined.
    """

    line: int
    how: str
    extra: str
    commands: List[str]


def read_blocks(path: pathlib.Path) -> List[Block]:
    """Returns every ```bash block of the file, in order.

    Raises:
        ValueError: a marker that is not known, or that stands above no block.
    """
    blocks, marker, lines = [], None, path.read_text().splitlines()
    number = 0
    while number < len(lines):
        line = lines[number].strip()
        number += 1
        found = MARKER.fullmatch(line)
        if found:
            if found['how'] not in KINDS:
                raise ValueError('%s:%d: marker %r: one of %s' % (path.name, number, found['how'],
                                                                  ', '.join(KINDS)))
            marker = found
        elif line == '```bash':
            end = next(i for i in range(number, len(lines)) if lines[i].strip() == '```')
            blocks.append(_block(number + 1, marker, lines[number:end]))
            marker, number = None, end + 1
        elif line and marker:
            raise ValueError('%s:%d: a marker without a ```bash block under it'
                             % (path.name, number - 1))
    return blocks


def _block(line, marker, lines):
    text = re.sub(r'\\\n\s*', '', '\n'.join(lines))
    commands = [re.sub(r'\s+#\s.*$', '', command).strip() for command in text.splitlines()]
    commands = [command for command in commands if command and not command.startswith('#')]
    how = marker['how'] if marker else 'check'
    return Block(line, how, marker['rest'] if marker and how == 'run' else '', commands)
