// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@Suite("ReleaseTag") struct ReleaseTagTests {
    @Test(arguments: [
        (["v3.1.9", "v3.1.10", "v3.1.2"], "v3.1.10"),
        (["v3.1.6", "v3.1.6.2", "v3.1.6.1"], "v3.1.6.2"),
        (
            ["v3.2.0-rc1", "v3.1.0", "v3.2.0-beta", "v3.2.0.dev0", "v3.3.0rc2", "v4.0.0-alpha.1", "v9b2", "v9a1"],
            "v3.1.0"
        ),
        (["llvmorg-19.1.0", "llvmorg-19.1.0-rc4", "llvmorg-9.0.1", "llvmorg-20-init"], "llvmorg-19.1.0"),
        (["2026-08-01", "2026-07-31"], "2026-08-01"),
        (["20260801", "20251231"], "20260801"),
        (["release_1_10_0", "release_1_9_9"], "release_1_10_0"),
        (["nightly-20260801", "dev-9.0", "RC-5", "v1.0"], "v1.0"),
        (["v24.11", "v24.08", "v24.3"], "v24.11"),
        (["v1.0", "v1.0-1"], "v1.0-1"),
        (["b1234", "b999"], "b1234"),
        (["v01.2", "v1.10"], "v1.10"),
    ])
    func `the highest version is found`(tags: [String], highest: String) {
        #expect(ReleaseTag.highest(among: tags)?.name == highest)
        #expect(ReleaseTag.highest(among: tags.reversed())?.name == highest)
    }

    @Test func `tags without a number and pre-releases are not releases`() {
        #expect(ReleaseTag.highest(among: ["latest", "", "v", "1.0-rc1", "v2.0.0-Preview.3"]) == nil)
    }

    @Test func `numbers beyond any integer do not crash`() {
        let huge = String(repeating: "9", count: 40)
        #expect(ReleaseTag("v\(huge)") == nil)
        #expect(ReleaseTag("v1.\(huge)")?.numbers == [1])
        #expect(ReleaseTag.highest(among: ["v\(huge)", "v1.2"])?.name == "v1.2")
    }

    @Test func `trailing zeros do not count, and the order is total`() throws {
        let short = try #require(ReleaseTag("v3.1"))
        let long = try #require(ReleaseTag("v3.1.0"))
        #expect(short.numbers == long.numbers)
        #expect(short != long)
        #expect((short < long) != (long < short))
    }
}
