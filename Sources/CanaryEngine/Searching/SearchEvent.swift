// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
package import CanaryHistory
package import CanaryText

/// The progress of a search.
package enum SearchEvent: Sendable {
    /// A search starts, or continues from its stored answers.
    case began(SearchRecord, Search)
    /// A note for people.
    case note(String)
    /// The next probe waits until an outage may have passed.
    case waiting(ProbeRequest, TimeSpan)
    /// A probe starts.
    case asked(ProbeRequest, SearchedPoint)
    /// A probe is answered and recorded in the search.
    case answered(ProbeRecord, SearchedPoint, Search)
}
