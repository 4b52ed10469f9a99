"""Runs pytest on the files it is given; what each py_test of the file BUILD starts."""
import sys

import pytest

if __name__ == '__main__':
    sys.exit(pytest.main(['-m', 'not slow', '-p', 'no:cacheprovider', *sys.argv[1:]]))
