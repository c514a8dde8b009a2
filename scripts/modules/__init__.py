# SPDX-License-Identifier: Apache-2.0
"""What `scripts/check-modules` is made of."""
