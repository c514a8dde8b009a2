# SPDX-License-Identifier: Apache-2.0
"""The sentences of canary that Python scripts read: all else is read from documents, exit statuses and reason codes.

Progress is written for people, and a run that is killed prints no document: what it had reported is in these alone.
"""

import re

# `run`, for each attempt: its job, and its id; then its job again.
STARTS = re.compile(r"^(\S+): building \(.*\) (\S+)$", re.M)
PASSED = re.compile(r"^(\S+): passed after", re.M)
# `serve`, once it takes requests.
LISTENS = re.compile(r"127\.0\.0\.1:(\d+)")
# `bisect`, when it continues a search.
CONTINUES = "continues from"
# An error about a full disk, and the beginning of each hint.
DISK_FULL = "the disk is full"
HINT = "hint: "
