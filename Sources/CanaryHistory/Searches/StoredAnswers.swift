// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
import Synchronization

/// The passes and failures of an outer search, each used once in place of a probe of its revision.
package final class StoredAnswers: Sendable {
    private let left: Mutex<[String: [ProbeAnswer]]>

    /// The answers of `outer` that `record` does not use yet.
    package init(of outer: SearchRecord?, usedBy record: SearchRecord) {
        var left: [String: [ProbeAnswer]] = [:]
        if let outer {
            for probe in outer.probes.map(\.probe) where probe.answer == .pass || probe.answer == .fail {
                left[outer.start.subject.revision(at: probe.point), default: []].append(probe.answer)
            }
        }
        for probe in record.probes where probe.probe.reused {
            _ = left[record.start.subject.revision(at: probe.probe.point)]?.popFirst()
        }
        self.left = Mutex(left)
    }

    /// An answer for `revision` that was not taken yet; nil if there is none.
    package func take(_ revision: String) -> ProbeAnswer? { left.withLock { $0[revision]?.popFirst() } }
}

extension Array {
    fileprivate mutating func popFirst() -> Element? { isEmpty ? nil : removeFirst() }
}
