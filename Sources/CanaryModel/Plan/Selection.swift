// SPDX-License-Identifier: Apache-2.0

/// What a run was asked for.
package struct Selection: Sendable {
    /// The jobs to decide; nil means all.
    package let jobs: Set<JobID>?
    /// Whether the selected jobs are built although a stored result stands for them.
    package let forced: Bool
    /// The last stage of the selected jobs' own builds; nil means all stages.
    package let until: Stage?
    /// Selected jobs that the day's build hours do not reach for.
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

    /// Whether `job` is to be decided.
    package func includes(_ job: JobID) -> Bool { jobs?.contains(job) ?? true }
}
