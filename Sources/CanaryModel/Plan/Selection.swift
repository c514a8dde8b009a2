// SPDX-License-Identifier: Apache-2.0

/// What a run was asked to do.
package struct Selection: Sendable {
    /// The selected jobs; nil means all.
    package let jobs: Set<JobID>?
    /// Whether the selected jobs are built even if a stored result could be reused.
    package let forced: Bool
    /// The last stage of the selected jobs' own builds; nil means all stages.
    package let until: Stage?
    /// Selected jobs for which the build hours of the day are not enough.
    package let unaffordable: Set<JobID>

    /// Makes a selection.
    package init(
        jobs: Set<JobID>? = nil, forced: Bool = false, until: Stage? = nil, unaffordable: Set<JobID> = []
    ) {
        self.unaffordable = unaffordable
        self.jobs = jobs
        self.forced = forced
        self.until = until
    }

    /// Whether `job` is selected.
    package func includes(_ job: JobID) -> Bool { jobs?.contains(job) ?? true }
}
