// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import Foundation
import Testing

@testable import CanaryServer

@Suite("SiteFolder") struct SiteFolderTests {
    private func names(_ folder: String) -> Set<String> {
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return Set(all.filter { !$0.hasSuffix(".canary-site") })
    }

    @Test func `replaces changed files, removes its old files, and touches nothing else`() async throws {
        try await SiteFixture.with { fixture in
            let path = "\(fixture.root)/site"
            let folder = SiteFolder(path: path)
            let first = ["index.html": Data("1".utf8), "badge/a@v/head.json": Data("2".utf8), "x.json": Data("3".utf8)]
            #expect(try folder.replace(with: first) == .init(written: 3, removed: 0))
            try "mine".write(toFile: "\(path)/CNAME", atomically: false, encoding: .utf8)
            #expect(try folder.replace(with: first) == .init(written: 0, removed: 0))
            #expect(try folder.replace(with: ["index.html": Data("4".utf8)]) == .init(written: 1, removed: 2))
            #expect(names(path) == ["index.html", "CNAME"])
            #expect(try String(contentsOfFile: "\(path)/index.html", encoding: .utf8) == "4")
            let mode = try FileManager.default.attributesOfItem(atPath: "\(path)/index.html")[.posixPermissions]
            #expect(mode as? Int == 0o644)
        }
    }

    @Test func `an edited list does not remove files elsewhere`() async throws {
        try await SiteFixture.with { fixture in
            let path = "\(fixture.root)/site"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let victim = "\(fixture.root)/victim"
            try "x".write(toFile: victim, atomically: false, encoding: .utf8)
            try "../victim\n\(victim)\na/../../victim".write(
                toFile: "\(path)/.canary-site", atomically: false, encoding: .utf8)
            _ = try SiteFolder(path: path).replace(with: ["a": Data()])
            #expect(FileManager.default.fileExists(atPath: victim))
        }
    }

    @Test func `a folder that cannot be created is named`() async throws {
        try await SiteFixture.with { fixture in
            try "x".write(toFile: "\(fixture.root)/file", atomically: false, encoding: .utf8)
            let error = #expect(throws: SiteFolderError.self) {
                try SiteFolder(path: "\(fixture.root)/file").replace(with: ["a": Data()])
            }
            #expect(error?.text == "cannot create the folder `\(fixture.root)/file`")
        }
    }

    @Test func `the static site has what the server serves`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.run("r1", minute: 0, openexr: .passed)
            let files = try await StaticSite(Publication(stack: fixture.stack, history: fixture.history.reader)).files()
            #expect(
                Set(files.keys) == [
                    "index.html", "style.css", "script.js", "status.json", "feed.json", "graph.json",
                    "lkg/vfx2026.json", "badge/imath@vfx2026/head.json", "badge/openexr@vfx2026/head.json",
                    "jobs/imath@vfx2026/head.html", "jobs/openexr@vfx2026/head.html",
                ])
            try await fixture.serving { (client: SiteClient) async throws in
                for (name, content) in files where !name.hasSuffix(".html") {
                    #expect(try await client.get("/\(name)").body == content, "\(name)")
                }
                for name in files.keys { #expect(try await client.get("/\(name)").status == 200, "\(name)") }
            }
        }
    }
}
