// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
package import CanaryModel
package import Foundation

/// A search as it begins.
package struct SearchStart: Hashable, Sendable {
    /// What is searched with.
    package enum Kind: String, CaseIterable, Sendable {
        /// A command, in a repository of its own.
        case command
        /// Builds of a downstream.
        case upstream
        /// Builds of one upstream, inspected for a name that it installs.
        case name
    }

    /// Its id, `s...`; never used again.
    package let id: String
    /// What is searched with.
    package let kind: Kind
    /// A digest of everything that makes it the same search when it is requested again.
    package let question: String
    /// The job that it is about; nil for a command.
    package let job: JobID?
    /// The search that it continues: inside a merge, or for a name.
    package let within: String?
    /// The commits.
    package let subject: SearchSubject
    /// When it begins.
    package let beganAt: Date

    /// Makes the start of a search.
    package init(
        id: String, kind: Kind, question: String, job: JobID? = nil, within: String? = nil, subject: SearchSubject,
        beganAt: Date
    ) {
        self.id = id
        self.kind = kind
        self.question = question
        self.job = job
        self.within = within
        self.subject = subject
        self.beganAt = beganAt
    }
}

/// A probe with how and when it was answered.
package struct ProbeRecord: Hashable, Sendable {
    /// What was asked, and the answer.
    ///
    /// Number 0 is not part of the search: it checks that the command can run at the base.
    package let probe: Probe
    /// When it began.
    package let beganAt: Date
    /// How long it took; 0 if a stored result answered.
    package let seconds: Double
    /// The exit status of the command; nil if there was no command.
    package let exitCode: Int?
    /// The attempt that decided; nil if there was none.
    package let attempt: String?

    /// Makes a record.
    package init(probe: Probe, beganAt: Date, seconds: Double, exitCode: Int? = nil, attempt: String? = nil) {
        self.probe = probe
        self.beganAt = beganAt
        self.seconds = seconds
        self.exitCode = exitCode
        self.attempt = attempt
    }
}

/// A search as recorded.
package struct SearchRecord: Hashable, Sendable {
    /// How it began.
    package let start: SearchStart
    /// Its settings when it was last requested.
    package let settings: SearchSettings
    /// When it last ended with a verdict; nil while open.
    package let endedAt: Date?
    /// Its probes, by number.
    package let probes: [ProbeRecord]

    /// Makes a record.
    package init(start: SearchStart, settings: SearchSettings, endedAt: Date? = nil, probes: [ProbeRecord] = []) {
        self.start = start
        self.settings = settings
        self.endedAt = endedAt
        self.probes = probes
    }

    /// When its last probe ended; its beginning if it has none.
    package var lastProbedAt: Date {
        probes.map { $0.beganAt.addingTimeInterval($0.seconds) }.max() ?? start.beganAt
    }

    /// The search with all recorded probes.
    package var search: Search {
        Search(
            start.subject.range, rates: settings.rates, options: settings.options,
            probes: probes.map(\.probe).filter { $0.n > 0 })
    }
}
