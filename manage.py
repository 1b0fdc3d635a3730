#!/usr/bin/env python
"""Django's command line for KMRL Gateway."""

import os
import sys

from django.core.management import execute_from_command_line

from kmrl import environment as env

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmrl.settings")
    with env.told():
        execute_from_command_line(sys.argv)
