// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryPages
import CanaryTestSupport
import Foundation
import Testing

@Suite("Size of pages") struct SizeTests {
    @Test func `a page of three hundred jobs is small when compressed`() throws {
        let samples = Samples(try SampleStack.large(50))
        try #require(samples.stack.jobs.count == 300)
        let page = Page.index(IndexView(samples.context(), samples.facts))
        let packed = Program.run(["gzip", "-6", "-c"], input: Data(page.utf8)).data.count
        #expect(packed > 1000)
        #expect(packed < 100_000)
        #expect(page.utf8.count < 700_000)
    }

    /// Writes the site for `scripts/browser`; without its folder, into a temporary one.
    @Test func `a site of samples can be written`() async throws {
        let own = TemporaryFolder()
        let folder = URL(filePath: ProcessInfo.processInfo.environment["CANARY_PAGES"] ?? own.path)
        try await SiteSample.write(Samples(try SampleStack.family()), to: folder.appending(path: "family"))
        try SiteSample.writeFiles(Samples(try SampleStack.family()), to: folder.appending(path: "files"))
        let hostile = Samples(try SampleStack.family(), outside: { _ in HostileTextTests.hostile })
        try await SiteSample.write(hostile, to: folder.appending(path: "hostile"))
        try await SiteSample.write(Samples(try SampleStack.large(50)), to: folder.appending(path: "large"))
        let page = try String(contentsOf: folder.appending(path: "family/index.html"), encoding: .utf8)
        #expect(page.hasSuffix("</html>\n"))
    }
}
