// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Writes a reproduction down as one script for any POSIX shell, which needs git and a container engine alone.
///
/// What comes from outside stands in it as quoted words, never as text of the script; stages reach their shell as
/// arguments, as they do in an attempt.
package struct ReproductionScript: Sendable {
    private let reproduction: Reproduction

    /// The script of `reproduction`.
    package init(_ reproduction: Reproduction) { self.reproduction = reproduction }

    /// The script.
    package var text: String {
        let parts =
            [header, "set -eu\n\(arguments)", ScriptParts.sources, runtime] + reproduction.upstreams.map(upstream)
            + [last]
        return parts.joined(separator: "\n\n") + "\n"
    }

    private var order: WorkOrder { reproduction.build.order }

    // MARK: Header

    private var header: String {
        let outcome = reproduction.outcome
        let ended = outcome.map { $0.result.rawValue } ?? "without an end"
        var facts = [
            ("project", order.project), ("revision", order.revision), ("variant", order.variant),
            ("lane", order.lane.rawValue), ("ended", ended),
        ]
        if let stage = outcome?.stage { facts.append(("stage", stage.rawValue)) }
        if let reason = outcome?.reason { facts.append(("reason", "\(reason.rawValue): \(reason.sentence)")) }
        if let error = outcome?.firstError {
            let location = error.file.map { file in error.line.map { "\(file):\($0): " } ?? "\(file): " } ?? ""
            facts.append(("error", error.text.hasPrefix(error.file ?? "") ? error.text : location + error.text))
        }
        facts.append(("image", order.container?.image ?? "none: processes of this machine, with its own tools"))
        for upstream in reproduction.upstreams {
            let isStandIn = upstream.isStandIn ? " (its last known good)" : ""
            facts.append(("upstream", "\(upstream.order.project) \(upstream.order.revision)\(isStandIn)"))
        }
        let lines = facts.map { name, value in
            name + String(repeating: " ", count: 10 - name.count) + ScriptText.remark(value)
        }
        let warnings = reproduction.warnings.map { "WARNING: " + ScriptText.remark($0) }
        let title = "Reproduces the attempt \(ScriptText.remark(reproduction.attempt)) of canary."
        let all = [title, ""] + lines + [""] + warnings + (warnings.isEmpty ? [] : [""]) + usage
        return (["#!/bin/sh"] + all.map { $0.isEmpty ? "#" : "# " + $0 }).joined(separator: "\n")
    }

    private var usage: [String] {
        let needs =
            order.container == nil
            ? [
                "It needs git, and builds with the tools of this machine, as you: the environment is that of the machine and",
                "may differ from that of the attempt. Run it only for code you trust.",
            ]
            : [
                "It needs git, and podman or docker (whichever is installed, or CANARY_ENGINE). What is built",
                "has no capabilities, no more memory and processes than the attempt had, and no network but where its manifest",
                "gives it one. Time limits do not apply.",
            ]
        let before = reproduction.failing.map { "before the stage \($0.rawValue)" } ?? "after the last stage"
        return [
            "Run it in an empty folder. Called again there, it keeps the upstreams it has built, and all sources as they",
            "are then. CANARY_JOBS is the number of parallel jobs; all processors by default.",
            "",
            "  sh reproduce.sh          builds all; ends with the exit status of the last stage",
            "  sh reproduce.sh shell    opens a shell \(before)",
            "",
        ] + needs
    }

    private var arguments: String {
        """
        case $#:${1-} in
        0:) open= ;;
        1:shell) open=\(reproduction.failing?.rawValue ?? "end") ;;
        *) echo "usage: sh $0 [shell]" >&2; exit 2 ;;
        esac
        """
    }

    // MARK: Builds

    private var runtime: String {
        guard let container = order.container else { return ScriptParts.processes }
        // What the stages are given by us wins, as it does in an attempt.
        let variables = container.variables.filter { name, _ in
            StageEnvironment.searchPaths.contains(name) || name == "PATH" || own(order)[name] == nil
        }
        let digest = order.environment
        return ScriptParts.containers(
            image: container.image == digest ? [digest] : [container.image, digest], variables: variables)
    }

    private func upstream(_ build: Reproduction.Build) -> String {
        let project = build.order.project
        return """
            # --- \(project) ---

            if [ ! -e "$here/\(project)/built" ]; then
            \(fetch(build))
            \(run(build.order, isLast: false))
                : >"$here/\(project)/built"
            fi
            """
    }

    private var last: String {
        """
        # --- \(order.project) ---

        \(fetch(reproduction.build))
        \(run(order, isLast: true))
        """
    }

    private func fetch(_ build: Reproduction.Build) -> String {
        let folder = build.folder.map { $0.split(separator: "/").filter { $0 != "." } } ?? []
        let words = [
            build.order.project, build.address, build.order.revision, folder.map { "/" + $0 }.joined(),
            build.submodules ? "yes" : "no",
        ]
        return ScriptText.command(["fetch"] + words.map(ScriptText.word))
    }

    private func run(_ order: WorkOrder, isLast: Bool) -> String {
        let stages = order.recipe.stages.flatMap { [$0.stage.rawValue, $0.run] }
        let opening = isLast ? ["\"$open\"", "\"${TERM:-dumb}\""] : ["''", "''"]
        let tail = opening + stages.map(ScriptText.word)
        let host = paths(of: order)
        guard let container = order.container else {
            let variables = StageEnvironment(of: order, in: host).variables.merging(Self.jobs) { $1 }
            let words = variables.sorted { $0.key < $1.key }.map { ScriptText.word("\($0.key)=\($0.value)") }
            return ScriptText.command(
                ["processes", order.project] + words + ["/bin/sh", "-c", "\"$driver\"", "canary"] + tail)
        }
        let inside = AttemptPaths(ofContainer: order)
        let options =
            (order.recipe.network ? [] : [ContainerOptions.offline]) + ContainerOptions.limits(order.limits)
            + ContainerOptions.mounts(of: order, from: host, to: inside)
            + ContainerOptions.variables(own(order).filter { Self.isConstant($0.key) }.merging(Self.jobs) { $1 })
        let paths = StageEnvironment.searchPaths.map { own(order)[$0] ?? "" }
        let words = [order.project, container.hidden.joined(separator: "\n")] + options + ["--entrypoint=/bin/sh"]
        return ScriptText.command(
            ["container"] + words.map(ScriptText.word) + (isLast ? ["${open:+--interactive --tty}"] : [])
                + ["\"$image\"", "-c", "\"$driver\"", "canary"] + paths.map(ScriptText.word) + tail)
    }

    private static let jobs = ["CANARY_JOBS": ScriptText.jobs]

    /// The variables that stages of a container are given by us.
    private func own(_ order: WorkOrder) -> [String: String] {
        StageEnvironment(of: order, in: .init(ofContainer: order)).variables
    }

    /// Whether a variable does not depend on what the image has.
    private static func isConstant(_ name: String) -> Bool {
        name != "PATH" && !StageEnvironment.searchPaths.contains(name)
    }

    /// Where things lie below the folder that the script runs in.
    private func paths(of order: WorkOrder) -> AttemptPaths {
        let folder = "\(ScriptText.here)/\(order.project)"
        let prefixes = order.upstreams.map { ($0.project, "\(ScriptText.here)/\($0.project)/prefix") }
        return AttemptPaths(
            source: folder + "/source", build: folder + "/build", prefix: folder + "/prefix", home: folder + "/home",
            temporary: folder + "/tmp", upstreamPrefix: Dictionary(prefixes, uniquingKeysWith: { first, _ in first }))
    }
}
