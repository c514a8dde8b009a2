// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// An instant, in hours after a fixed one.
package func hour(_ hours: Double) -> Date { Date(timeIntervalSince1970: 1_800_000_000 + hours * 3600) }
