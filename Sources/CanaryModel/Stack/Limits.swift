// SPDX-License-Identifier: Apache-2.0

package import CanaryText

/// What one attempt may use.
package struct AttemptLimits: Hashable, Codable, Sendable {
    /// Wall time from the start of the first stage until everything that was installed has been read.
    package var attempt: TimeSpan
    /// Wall time without a byte of output.
    package var silence: TimeSpan
    /// Size of the log on disk; the middle of a longer log is left out.
    package var log: ByteSize
    /// Memory of all processes of the attempt together.
    package var memory: ByteSize
    /// Processes at one time.
    package var processes: Int
    /// Space on the disk: source, build, home and temporary folders and what is installed.
    package var disk: ByteSize

    /// Makes limits; the defaults are those of the manifest format.
    package init(
        attempt: TimeSpan = .hours(2), silence: TimeSpan = .minutes(20), log: ByteSize = .mebibytes(64),
        memory: ByteSize = .gibibytes(8), processes: Int = 4096, disk: ByteSize = .gibibytes(64)
    ) {
        self.attempt = attempt
        self.silence = silence
        self.log = log
        self.memory = memory
        self.processes = processes
        self.disk = disk
    }

    /// These limits with those of `override` in their place.
    package func overlaid(_ override: LimitsOverride) -> AttemptLimits {
        AttemptLimits(
            attempt: override.attempt ?? attempt, silence: override.silence ?? silence, log: override.log ?? log,
            memory: override.memory ?? memory, processes: override.processes ?? processes,
            disk: override.disk ?? disk)
    }
}

/// The `limits:` of a project or of one of its variants; nil leaves a limit unchanged.
package struct LimitsOverride: Hashable, Sendable {
    /// See `AttemptLimits.attempt`.
    package var attempt: TimeSpan?
    /// See `AttemptLimits.silence`.
    package var silence: TimeSpan?
    /// See `AttemptLimits.log`.
    package var log: ByteSize?
    /// See `AttemptLimits.memory`.
    package var memory: ByteSize?
    /// See `AttemptLimits.processes`.
    package var processes: Int?
    /// See `AttemptLimits.disk`.
    package var disk: ByteSize?

    /// Makes an override that changes nothing.
    package init() {}
}

/// What the whole stack may use of its host.
package struct HostLimits: Hashable, Sendable {
    /// Attempts at one time.
    package var jobs: Int
    /// The size of the state folder that `gc` keeps to.
    package var store: ByteSize
    /// Build hours per day.
    package var hours: Double
    /// Automatic probes per day; 0 turns automatic searches off.
    package var probes: Int
    /// Build hours of automatic searches per day.
    package var searchHours: Double

    /// Makes limits; the defaults are those of the manifest format.
    package init(
        jobs: Int = 2, store: ByteSize = .gibibytes(100), hours: Double = 24, probes: Int = 20, searchHours: Double = 8
    ) {
        self.jobs = jobs
        self.store = store
        self.hours = hours
        self.probes = probes
        self.searchHours = searchHours
    }
}
