"""Runs pytest on the files it is given; what each py_test of the file BUILD starts."""
import sys

import pytest

if __name__ == '__main__':
    code = pytest.main(['-m', 'not slow', '-p', 'no:cacheprovider', *sys.argv[1:]])
    # A file of slow tests only has nothing to run here.
    sys.exit(0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else code)
