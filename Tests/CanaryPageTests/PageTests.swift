// SPDX-License-Identifier: Apache-2.0

import CanaryPublishing
import Testing

@Suite("Page") struct PageTests {}
