// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
package import CanaryModel
import Foundation

/// The variables of a stage: those that the manifest format promises, and no others of ours.
package struct StageEnvironment: Hashable, Sendable {
    /// The `PATH` of every stage; never the caller's.
    package static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The variables with folders of upstreams, in which those of an image come last.
    static let searchPaths = ["CMAKE_PREFIX_PATH", "LD_LIBRARY_PATH", "PKG_CONFIG_PATH"]

    /// Name to value.
    package let variables: [String: String]

    /// The environment of `order` at `paths`, in addition to the variables of an image, if there is one.
    ///
    /// The three search paths are absent without upstreams, unless the image sets them; what the image has in them
    /// comes last. Its `PATH` is kept, with the folders of `tools` first.
    package init(of order: WorkOrder, in paths: AttemptPaths, image: [String: String] = [:], tools: [String] = []) {
        var variables = [
            "HOME": paths.home, "LANG": "C.UTF-8", "TERM": "dumb", "TMPDIR": paths.temporary,
            "CANARY_PROJECT": order.project, "CANARY_REVISION": order.revision,
            "CANARY_SOURCE": paths.source, "CANARY_BUILD": paths.build, "CANARY_PREFIX": paths.prefix,
            "CANARY_JOBS": String(order.jobs), "CANARY_VARIANT": order.variant, "CANARY_LANE": order.lane.rawValue,
            "SOURCE_DATE_EPOCH": String(order.sourceDateEpoch),
        ]
        // A container has nothing above these folders; on this host they can lie in a repository of somebody else.
        if order.container == nil { variables["GIT_CEILING_DIRECTORIES"] = paths.ceilings.joined(separator: ":") }
        var prefixes: [String] = []
        for upstream in order.upstreams {
            guard let prefix = paths.upstreamPrefix[upstream.project] else { continue }
            variables[Self.variable(of: upstream.project)] = prefix
            prefixes.append(prefix)
        }
        let lists = [
            "PATH": tools + [image["PATH"] ?? Self.path],
            "CMAKE_PREFIX_PATH": prefixes + image.list("CMAKE_PREFIX_PATH"),
            "LD_LIBRARY_PATH": prefixes.flatMap { ["\($0)/lib", "\($0)/lib64"] } + image.list("LD_LIBRARY_PATH"),
            "PKG_CONFIG_PATH": prefixes.map { "\($0)/lib/pkgconfig" } + image.list("PKG_CONFIG_PATH"),
        ]
        for (name, folders) in lists where !folders.isEmpty { variables[name] = folders.joined(separator: ":") }
        self.variables = image.merging(variables) { $1 }
    }

    /// The variable that holds the prefix of `project`: `CANARY_UPSTREAM_OPEN_EXR` for `open-exr`.
    package static func variable(of project: String) -> String {
        "CANARY_UPSTREAM_" + project.uppercased().replacing("-", with: "_")
    }
}

extension [String: String] {
    fileprivate func list(_ name: String) -> [String] { self[name].map { [$0] } ?? [] }
}

extension AttemptPaths {
    /// The folders that git does not enter from below to look for a repository: those around our own.
    fileprivate var ceilings: [String] {
        Set(
            ([source, build, prefix, home, temporary] + upstreamPrefix.values).map {
                ($0 as NSString).deletingLastPathComponent
            }
        ).sorted()
    }

    /// The paths of `order` as its stages see them: of this host, or of every container.
    package init(of order: WorkOrder, in state: StateFolder) {
        if order.container == nil { self.init(ofProcesses: order, in: state) } else { self.init(ofContainer: order) }
    }

    /// The paths of `order` on this host, whether its stages see them there or not.
    init(ofProcesses order: WorkOrder, in state: StateFolder) {
        let folder = state.attempt(order.attempt)
        let prefixes = order.upstreams.map { ($0.project, state.prefix(of: $0.project, key: $0.key)) }
        self.init(
            source: folder.source, build: folder.build,
            prefix: state.prefix(of: order.project, key: order.prefixKey), home: folder.home,
            temporary: folder.temporary,
            upstreamPrefix: Dictionary(prefixes, uniquingKeysWith: { first, _ in first }))
    }

    /// Each project has one path for ever; no project's name begins with a dot.
    init(ofContainer order: WorkOrder) {
        let prefixes = order.upstreams.map { ($0.project, "/canary/\($0.project)") }
        self.init(
            source: "/canary/.source", build: "/canary/.build", prefix: "/canary/\(order.project)",
            home: "/canary/.home", temporary: "/canary/.tmp",
            upstreamPrefix: Dictionary(prefixes, uniquingKeysWith: { first, _ in first }))
    }
}
