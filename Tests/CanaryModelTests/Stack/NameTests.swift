// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@Suite("JobID") struct JobIDTests {
    @Test(arguments: Lane.allCases)
    func `a job reads back from its written form`(lane: Lane) {
        let job = JobID(project: "openexr", variant: "vfx2026", lane: lane)
        #expect(job.description == "openexr@vfx2026/\(lane.rawValue)")
        #expect(JobID(job.description) == job)
    }

    @Test(arguments: [
        "", "openexr", "openexr@vfx2026", "openexr@vfx2026/", "@vfx2026/head", "openexr@/head", "openexr/head",
        "openexr@vfx2026/Head", "openexr@vfx2026/head/", "openexr/head@vfx2026", "openexr@vfx2026/nightly",
    ])
    func `anything else is no job`(text: String) { #expect(JobID(text) == nil) }

    @Test func `jobs are ordered by project, variant, then lane`() {
        let jobs = ["a@v1/head", "a@v1/release", "a@v1/platform", "a@v2/head", "b@v1/head"].compactMap(JobID.init)
        #expect(jobs.reversed().sorted() == jobs)
    }
}
