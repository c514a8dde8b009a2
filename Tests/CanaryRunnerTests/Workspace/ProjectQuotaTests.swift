// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@testable import CanaryRunner

/// The tools are stand-ins that note how they are called: this kernel may have no quotas.
@Suite("ProjectQuota") final class ProjectQuotaTests {
    let temporary = TemporaryFolder()
    let state = StateFolder(path: "/srv/can ary/state")

    private static let mounts = """
        22 27 0:21 / /proc rw,relatime - proc proc rw
        27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,prjquota
        30 27 254:1 / /srv rw,relatime shared:2 master:3 - xfs /dev/vdb rw,attr2,inode64,prjquota
        31 30 254:2 / /srv/can\\040ary rw - ext4 /dev/vdc rw,errors=remount-ro,prjquota
        32 30 254:3 / /srv/canary rw - ext4 /dev/vdd rw
        """

    private func quotas(
        _ path: String, mounts: String = ProjectQuotaTests.mounts, user: UInt32 = 0
    ) -> ProjectQuota? {
        ProjectQuota(
            state: StateFolder(path: path), mounts: mounts, user: user, path: "\(temporary("bin")):/usr/bin:/bin")
    }

    private func install(setquota status: Int = 0) {
        for (tool, status) in [("chattr", 0), ("setquota", status)] {
            temporary.write(
                "bin/\(tool)",
                "#!/bin/sh\nprintf '%s' '\(tool)' >>'\(temporary("calls"))'\n"
                    + "printf ' [%s]' \"$@\" >>'\(temporary("calls"))'\necho >>'\(temporary("calls"))'\nexit \(status)\n",
                mode: 0o755)
        }
    }

    @Test func `there are some where the nearest mount counts projects, for root alone`() {
        #expect(quotas("/srv/can ary/state")?.mountPoint == "/srv/can ary")
        #expect(quotas("/srv/can ary")?.mountPoint == "/srv/can ary")
        #expect(quotas("/srv/x/state")?.mountPoint == "/srv")
        #expect(quotas("/home/state")?.mountPoint == "/")
        #expect(quotas("/srv/canary/state") == nil && quotas("/proc/state") == nil)
        #expect(quotas("/srv/x/state", user: 1000) == nil)
        let hidden = Self.mounts + "\n40 30 254:4 / /srv rw - tmpfs tmpfs rw,size=1m"
        #expect(quotas("/srv/x/state", mounts: hidden) == nil)
        for text in ["", "\n", "a b c d e f - g", "27 1 254:0 / / rw - ext4 /dev/vda"] {
            #expect(quotas("/x", mounts: text) == nil, "\(text)")
        }
    }

    @Test func `an attempt gets a project of its own with a limit of blocks and files, and gives it back`() async throws
    {
        install()
        let quota = try #require(quotas(state.path))
        #expect(quota.missingTools == [])
        let project = ProjectQuota.project(of: "a1")
        #expect(project != ProjectQuota.project(of: "a2") && (1 << 30..<1 << 31).contains(Int(project) ?? 0))
        #expect(await quota.begin("a1", in: ["/s/source", "/s/build x"], limit: .mebibytes(8)))
        await quota.end("a1", keeping: nil)
        await quota.end("a1", keeping: "/s/prefixes/p/k")
        #expect(
            text(temporary("calls")) == """
                setquota [-P] [\(project)] [0] [8192] [0] [2048] [/srv/can ary]
                chattr [-p] [\(project)] [+P] [/s/source] [/s/build x]
                setquota [-P] [\(project)] [0] [0] [0] [0] [/srv/can ary]
                chattr [-R] [-p] [0] [-P] [/s/prefixes/p/k]
                setquota [-P] [\(project)] [0] [0] [0] [0] [/srv/can ary]

                """)
    }

    @Test func `a tool that fails leaves the folders alone`() async throws {
        install(setquota: 1)
        let quota = try #require(quotas(state.path))
        #expect(await !quota.begin("a1", in: ["/s/source"], limit: .mebibytes(8)))
        #expect(text(temporary("calls"))?.contains("chattr") == false)
    }

    @Test func `a tool that is missing is named`() throws {
        let quota = try #require(
            ProjectQuota(state: state, mounts: Self.mounts, user: 0, path: temporary("nothing")))
        #expect(quota.missingTools == ["chattr", "setquota"])
    }
}
