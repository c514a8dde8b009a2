// SPDX-License-Identifier: Apache-2.0

/// The tests of a job's build, compared with those of the passed build before it.
package struct JobTests: Hashable, Sendable {
    /// Tests by name: how many they are, and the first of them.
    package struct Names: Hashable, Sendable {
        /// How many names are listed.
        package static let limit = 20

        /// How many there are.
        package let count: Int
        /// The first `limit` of them, sorted.
        package let first: [String]

        /// Makes names.
        package init(count: Int = 0, first: [String] = []) {
            self.count = count
            self.first = first
        }
    }

    /// The attempt that built it.
    package let attempt: String
    /// Whether that attempt passed.
    package let isPassed: Bool
    /// How many tests it reported; nil when it reported none.
    package let counts: TestCounts?
    /// How many tests the passed build before it reported; nil when there is no such build, or it reported none.
    package let before: TestCounts?
    /// The tests that failed.
    package let failing: Names
    /// The tests that failed, and did not fail in the passed build before.
    package let newlyFailing: Names

    /// Makes the tests of a build.
    package init(
        attempt: String, isPassed: Bool, counts: TestCounts?, before: TestCounts?, failing: Names = Names(),
        newlyFailing: Names = Names()
    ) {
        self.attempt = attempt
        self.isPassed = isPassed
        self.counts = counts
        self.before = before
        self.failing = failing
        self.newlyFailing = newlyFailing
    }

    /// Whether a passed build ran no test although the passed build before it ran some.
    package var hasLostTests: Bool { isPassed && (counts?.ran ?? 0) == 0 && (before?.ran ?? 0) > 0 }

    /// What is news about them, in one sentence; nil when nothing is.
    package var note: String? {
        if hasLostTests {
            let what = counts == nil ? "is reported" : "ran"
            return "no test \(what); the passed build before it ran \(before?.ran ?? 0)"
        }
        guard newlyFailing.count > 0 else { return nil }
        let build = isPassed ? "a passed build" : "this build"
        return "\(newlyFailing.count) newly failing in \(build): \(newlyFailing.text)"
    }
}

extension JobTests.Names {
    /// The names, separated by commas, and how many are left out.
    package var text: String {
        let rest = count - first.count
        return first.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}

extension TestCounts {
    /// `212 ran, 1 failed, 3 skipped`, without what there is none of.
    package var text: String {
        "\(ran) ran" + (failed > 0 ? ", \(failed) failed" : "") + (skipped > 0 ? ", \(skipped) skipped" : "")
    }
}
