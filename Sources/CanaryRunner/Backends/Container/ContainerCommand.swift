// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Glibc

/// The arguments of an engine for our containers: pure, but for the limits of this process that a container inherits.
struct ContainerCommand: Sendable {
    /// The order.
    let order: WorkOrder
    /// Its container.
    let spec: ContainerSpec
    /// The state folder.
    let state: StateFolder
    /// The engine.
    let engine: ContainerEngine
    /// The image.
    let image: ContainerImage
    /// What was found in the image; nil if nothing was needed.
    let inspection: ImageInspection?

    /// The label with the path of the state folder that a container belongs to.
    static let stateLabel = "org.canary.state"
    private static let attemptLabel = "org.canary.attempt"

    /// The name of the container of `attempt`.
    static func name(of attempt: String) -> String { "canary-\(attempt)" }

    private var folder: AttemptFolder { state.attempt(order.attempt) }
    private var paths: AttemptPaths { .init(of: order, in: state) }

    /// The arguments of the engine for the whole attempt.
    var run: [String] {
        [
            "run", "--rm", "--name=\(Self.name(of: order.attempt))",
            "--label=\(Self.stateLabel)=\(state.path)", "--label=\(Self.attemptLabel)=\(order.attempt)",
            "--cidfile=\(folder.idFile)",
        ] + Self.closed(engine, network: order.recipe.network) + limits + mounts
            + ContainerOptions.variables(environment.variables) + engine.runArguments
            + ["--entrypoint=/bin/sh", image.id, "-c", ContainerEntrypoint.script, "canary"] + forgotten + ["--"]
            + order.recipe.stages.map(\.run)
    }

    /// The arguments of the engine to inspect an image.
    static func inspect(_ question: ImageInspection.Question, engine: ContainerEngine) -> [String] {
        shell(ImageInspection.command(question), in: question.image, engine: engine)
    }

    /// The arguments of the engine for the shell of an image, without mounts.
    static func shell(_ arguments: [String], in image: String, engine: ContainerEngine) -> [String] {
        ["run", "--rm"] + closed(engine, network: false) + engine.runArguments
            + ["--entrypoint=/bin/sh", image] + arguments
    }

    /// The options that isolate a container, whatever the settings of the engine are.
    private static func closed(_ engine: ContainerEngine, network: Bool) -> [String] {
        let own =
            switch engine.kind {
            case .podman:
                ContainerOptions.closedInPodman + [
                    "--ulimit=nofile=\(limit(Int32(RLIMIT_NOFILE.rawValue), atMost: ContainerOptions.mostFiles))",
                    "--ulimit=nproc=\(limit(Int32(__RLIMIT_NPROC.rawValue), atMost: ContainerOptions.mostProcesses))",
                ]
            // A docker that runs as root for another user would leave files that belong to root.
            case .docker: ["--user=\(geteuid()):\(getegid())"]
            }
        return own + (network ? [] : [ContainerOptions.offline]) + ContainerOptions.closed
    }

    /// Our own limit, because podman would ask for more than it may have; of processes it lowers its own to 32768, and
    /// what holds an attempt is `--pids-limit`.
    private static func limit(_ resource: Int32, atMost most: rlim_t) -> String {
        var limits = rlimit()
        getrlimit(resource, &limits)
        return "\(min(limits.rlim_cur, most)):\(min(limits.rlim_max, most))"
    }

    private var limits: [String] {
        ContainerOptions.limits(order.limits) + (spec.cpus.map { ["--cpus=\($0)"] } ?? [])
    }

    private var mounts: [String] {
        var mounts =
            [ContainerOptions.bind(folder.pipes, ContainerEntrypoint.folder, isReadOnly: true)]
            + ContainerOptions.mounts(of: order, from: .init(ofProcesses: order, in: state), to: paths)
        mounts += (inspection?.folders ?? []).map { ContainerOptions.bind(folder.emptyFolder, $0, isReadOnly: true) }
        mounts += (inspection?.files ?? []).map { ContainerOptions.bind(folder.emptyFile, $0, isReadOnly: true) }
        if caches {
            let cache = state.compilerCache(of: order.project, variant: order.variant)
            mounts.append(ContainerOptions.bind(cache, Self.cacheFolder, isReadOnly: false))
            mounts.append(ContainerOptions.bind(folder.compilers, Self.compilerFolder, isReadOnly: true))
        }
        return mounts
    }

    // MARK: Variables

    private static let cacheFolder = "/canary/.ccache"
    private static let compilerFolder = "/canary/.compilers"

    /// Whether compilers are called through ccache.
    var caches: Bool { spec.cachesCompiler && inspection?.ccache != nil }

    /// All variables its stages see.
    var environment: StageEnvironment {
        var variables = image.variables.merging(spec.variables) { $1 }
        if caches { variables["CCACHE_DIR"] = Self.cacheFolder }
        return StageEnvironment(
            of: order, in: paths, image: variables, tools: caches ? [Self.compilerFolder] : [])
    }

    /// Of what engines add by themselves, that which the stages shall not see.
    private var forgotten: [String] {
        let wanted = environment.variables
        return ContainerOptions.added.filter { wanted[$0] == nil }
    }
}

extension AttemptFolder {
    /// Where the engine writes the container's id.
    var idFile: String { control + "/id" }
    /// What the engine says.
    var engineLog: String { control + "/engine.log" }
    /// The pipes to the driver.
    var pipes: String { control + "/run" }
    /// Hides folders.
    var emptyFolder: String { control + "/empty" }
    /// Hides files.
    var emptyFile: String { control + "/nothing" }
    /// Links from the names of compilers to ccache.
    var compilers: String { control + "/compilers" }
}
