# SPDX-License-Identifier: GPL-2.0-only
"""What tools in Python share."""

import importlib.machinery
import importlib.util
import os
import sys

TOOLS = os.path.dirname(os.path.realpath(__file__))


def load(name):
    """A program of this folder, as a module."""
    loader = importlib.machinery.SourceFileLoader(name, os.path.join(TOOLS, name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module
