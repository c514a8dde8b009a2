// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@Suite("Tests of a job")
struct TestReportTests {
    private func tests(
        isPassed: Bool = true, ran: Int? = 3, before: Int? = 3, new: JobTests.Names = JobTests.Names()
    ) -> JobTests {
        JobTests(
            attempt: "a1", isPassed: isPassed, counts: ran.map { TestCounts(ran: $0, failed: 0, skipped: 0) },
            before: before.map { TestCounts(ran: $0, failed: 0, skipped: 0) }, newlyFailing: new)
    }

    @Test func `are news when they fail since the last passed build`() {
        #expect(tests().note == nil)
        let two = JobTests.Names(count: 2, first: ["a", "b"])
        #expect(tests(new: two).note == "2 newly failing in a passed build: a, b")
        #expect(tests(isPassed: false, new: two).note == "2 newly failing in this build: a, b")
        #expect(tests(new: JobTests.Names(count: 9, first: ["a"])).note?.hasSuffix(": a and 8 more") == true)
    }

    @Test func `are news when none runs any more in a passed build`() {
        #expect(tests(ran: 0).note == "no test ran; the passed build before it ran 3")
        #expect(tests(ran: nil).note == "no test is reported; the passed build before it ran 3")
        #expect(tests(ran: 0, before: 0).note == nil)
        #expect(tests(ran: 0, before: nil).note == nil)
        #expect(tests(isPassed: false, ran: nil).note == nil)
    }

    @Test func `are counted by how they ended`() {
        #expect(TestCounts(ran: 212, failed: 1, skipped: 3).text == "212 ran, 1 failed, 3 skipped")
        #expect(TestCounts(ran: 2, failed: 0, skipped: 0).text == "2 ran")
    }
}
