// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CanaryServer

@Suite("SiteAddress") struct SiteAddressTests {
    @Test(arguments: [
        ("/", SiteAddress.index), ("/lkg/a.b.json", .lock(variant: "a.b")), ("/runs/r1.json", .run("r1")),
        ("/runs/r1", .runPage("r1")), ("/attempts/a1/log", .log("a1")), ("/attempts/log", .attempt("log")),
        ("/badge/openexr@vfx2026/head.json", .badge(SiteFixture.job("openexr"))),
        ("/badge/openexr%40vfx2026/head.json", .badge(SiteFixture.job("openexr"))),
        ("/jobs/openexr@vfx2026/head", .job(SiteFixture.job("openexr"))),
        ("/jobs/openexr@vfx2026/head.html", .job(SiteFixture.job("openexr"))), ("/requests/q1.json", .request("q1")),
    ])
    func `a path has one meaning`(path: String, address: SiteAddress) {
        #expect(SiteAddress(path: path) == address)
    }

    @Test(arguments: [
        "", "status.json", "//", "/x", "/lkg/", "/lkg/.json", "/lkg/..", "/lkg/a%2Fb.json", "/badge/a/head.json",
        "/badge/a@b/tail.json", "/badge/@b/head.json", "/runs/%00", "/runs/%1B[31m", "/runs/", "/runs//", "/%", "/%2e",
    ])
    func `other paths are invalid`(path: String) {
        #expect(SiteAddress(path: path) == nil)
    }
}
