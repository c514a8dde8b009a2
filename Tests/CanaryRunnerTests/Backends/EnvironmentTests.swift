// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@testable import CanaryRunner

@Suite("StageEnvironment and ProcessEnvironment")
struct EnvironmentTests {
    private func order(upstreams: [WorkOrder.UpstreamPrefix]) -> WorkOrder {
        WorkOrder(
            attempt: "a1", environment: "e", project: "openexr", revision: "abc", prefixKey: "k", variant: "vfx2026",
            lane: .release, recipe: Recipe(stages: [], network: false), upstreams: upstreams,
            sourceDateEpoch: 1_700_000_000, jobs: 4, limits: AttemptLimits())
    }

    private let paths = AttemptPaths(
        source: "/canary/.source", build: "/canary/.build", prefix: "/canary/openexr", home: "/h", temporary: "/t",
        upstreamPrefix: ["imath": "/canary/imath", "open-jph": "/canary/open-jph"])

    private let always = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/h", "LANG": "C.UTF-8",
        "TERM": "dumb", "TMPDIR": "/t", "CANARY_PROJECT": "openexr", "CANARY_REVISION": "abc",
        "CANARY_SOURCE": "/canary/.source", "CANARY_BUILD": "/canary/.build", "CANARY_PREFIX": "/canary/openexr",
        "CANARY_JOBS": "4", "CANARY_VARIANT": "vfx2026", "CANARY_LANE": "release", "SOURCE_DATE_EPOCH": "1700000000",
        "GIT_CEILING_DIRECTORIES": "/:/canary",
    ]

    @Test func `without upstreams no search path is set`() {
        #expect(StageEnvironment(of: order(upstreams: []), in: paths).variables == always)
    }

    @Test func `upstreams are named and come first in the search paths`() {
        let upstreams = ["open-jph", "imath"].map { WorkOrder.UpstreamPrefix(project: $0, key: "k") }
        let expected = [
            "CANARY_UPSTREAM_OPEN_JPH": "/canary/open-jph", "CANARY_UPSTREAM_IMATH": "/canary/imath",
            "CMAKE_PREFIX_PATH": "/canary/open-jph:/canary/imath",
            "LD_LIBRARY_PATH":
                "/canary/open-jph/lib:/canary/open-jph/lib64:/canary/imath/lib:/canary/imath/lib64",
            "PKG_CONFIG_PATH": "/canary/open-jph/lib/pkgconfig:/canary/imath/lib/pkgconfig",
        ]
        let variables = StageEnvironment(of: order(upstreams: upstreams), in: paths).variables
        #expect(variables == always.merging(expected) { $1 })
    }

    @Test func `the id of this machine is stable`() async {
        let environment = await ProcessEnvironment.current()
        #expect(environment == (await ProcessEnvironment.current()))
        #expect(environment.versions.count == ProcessEnvironment.tools.count)
        #expect(environment.id.wholeMatch(of: /process:[0-9a-f]{64}/) != nil)
    }

    @Test func `another version, machine or system is another environment`() {
        let versions = ["cc 12", "c++ 12", "ld 2.40", "cmake version 3.25", "absent"]
        let environments = [
            ProcessEnvironment(machine: "x86_64", system: "debian", versions: versions),
            ProcessEnvironment(machine: "aarch64", system: "debian", versions: versions),
            ProcessEnvironment(machine: "x86_64", system: "rocky", versions: versions),
            ProcessEnvironment(machine: "x86_64", system: "debian", versions: versions.dropLast() + ["1.11"]),
        ]
        #expect(Set(environments.map(\.id)).count == environments.count)
    }
}
