// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryPages
import Foundation
import Testing

@Suite("Size of pages") struct SizeTests {
    @Test func `a page of three hundred jobs is small when compressed`() throws {
        let samples = Samples(try SampleStack.large(50))
        try #require(samples.stack.jobs.count == 300)
        let page = Page.index(IndexView(samples.context(), samples.facts))
        let file = URL.temporaryDirectory.appending(path: "canary-page-\(UUID().uuidString).html")
        try Data(page.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let gzip = Process()
        let pipe = Pipe()
        gzip.executableURL = URL(filePath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-6", "-c", file.path()]
        gzip.standardOutput = pipe
        try gzip.run()
        let packed = try pipe.fileHandleForReading.readToEnd()?.count ?? 0
        gzip.waitUntilExit()
        #expect(packed > 1000)
        #expect(packed < 100_000)
        #expect(page.utf8.count < 700_000)
    }

    /// Writes the site for `scripts/browser`; without its folder, into a temporary one.
    @Test func `a site of samples can be written`() throws {
        let requested = ProcessInfo.processInfo.environment["CANARY_PAGES"]
        let folder =
            requested.map { URL(filePath: $0) }
            ?? URL.temporaryDirectory.appending(path: "canary-pages-\(UUID().uuidString)")
        defer { if requested == nil { try? FileManager.default.removeItem(at: folder) } }
        try SiteSample.write(Samples(try SampleStack.family()), to: folder.appending(path: "family"))
        try SiteSample.writeFiles(Samples(try SampleStack.family()), to: folder.appending(path: "files"))
        let hostile = Samples(try SampleStack.family(), outside: { _ in HostileTextTests.hostile })
        try SiteSample.write(hostile, to: folder.appending(path: "hostile"))
        try SiteSample.write(Samples(try SampleStack.large(50)), to: folder.appending(path: "large"))
        let page = try String(contentsOf: folder.appending(path: "family/index.html"), encoding: .utf8)
        #expect(page.hasSuffix("</html>\n"))
    }
}
