// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryText
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
            ContainerOptions.driver,
        ] + Self.closed(engine, network: order.recipe.network) + limits + mounts + engine.runArguments
            + ["--entrypoint=/bin/sh", image.id]
            + ContainerEntrypoint.arguments(variables: environment.variables, stages: order.recipe.stages.map(\.run))
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
                ContainerOptions.closedInPodman + (engine.owner?.mapping ?? []) + [
                    "--ulimit=nofile=\(limit(Int32(RLIMIT_NOFILE.rawValue), atMost: ContainerOptions.mostFiles))",
                    "--ulimit=nproc=\(limit(Int32(__RLIMIT_NPROC.rawValue), atMost: ContainerOptions.mostProcesses))",
                ]
            // A docker that runs as root for another user would leave files that belong to root.
            case .docker:
                [engine.owner == nil ? "--user=\(geteuid()):\(getegid())" : "--user=0:0"]
                    + ContainerOptions.variables(
                        Dictionary(uniqueKeysWithValues: ContainerOptions.proxies.map { ($0, "") }))
            }
        let labels = engine.isLabelled ? [] : [ContainerOptions.unlabelled]
        return own + (network ? [] : [ContainerOptions.offline]) + labels + ContainerOptions.closed
    }

    /// Our own limit, because podman would ask for more than it may have; of processes it lowers its own to 32768, and
    /// what holds an attempt is `--pids-limit`.
    private static func limit(_ resource: Int32, atMost most: rlim_t) -> String {
        var limits = rlimit()
        getrlimit(resource, &limits)
        return "\(min(limits.rlim_cur, most)):\(min(limits.rlim_max, most))"
    }

    private var limits: [String] {
        ContainerOptions.limits(order.limits) + (spec.cpus.map { ["--cpus=\($0)"] } ?? []) + lastResort
            + (engine.seccomp == nil ? [] : ["--security-opt=seccomp=\(folder.filter)"])
    }

    /// The end that podman itself makes of a container, should nobody of us be there to do it.
    private var lastResort: [String] {
        engine.kind == .podman ? ["--timeout=\(Int(order.limits.attempt.duration.components.seconds) + 600)"] : []
    }

    private var mounts: [String] {
        var mounts =
            [engine.bind(folder.pipes, ContainerEntrypoint.folder, isReadOnly: true)]
            + ContainerOptions.mounts(
                of: order, from: .init(ofProcesses: order, in: state), to: paths, binding: engine.bind)
        // Docker makes its own; podman copies that of this machine.
        if engine.kind == .podman { mounts.append(engine.bind(folder.hosts, "/etc/hosts", isReadOnly: true)) }
        mounts += (inspection?.folders ?? []).map { engine.bind(folder.emptyFolder, $0, isReadOnly: true) }
        mounts += (inspection?.files ?? []).map { engine.bind(folder.emptyFile, $0, isReadOnly: true) }
        if caches {
            mounts.append(cacheMount)
            mounts.append(engine.bind(folder.cacheSettings, Self.cacheSettings, isReadOnly: true))
            mounts.append(engine.bind(folder.compilers, Self.compilerFolder, isReadOnly: true))
        }
        return mounts
    }

    /// The compiler cache of project and variant.
    var cache: String { state.compilerCache(of: order.project, variant: order.variant) }

    /// The folders of the attempt that stand for the compiler cache of a build that must not write to it: one for what
    /// it writes, and where podman can lay that over the cache, one more for the kernel.
    var lentFolders: [String] {
        guard caches, spec.compilerCache == .borrowed else { return [] }
        return [folder.control + "/ccache"] + (canOverlay ? [folder.control + "/ccache.work"] : [])
    }

    /// Podman mounts an overlay as the build's root, who may not look into a state folder that another user owns; colons
    /// and commas separate its words.
    private var canOverlay: Bool {
        engine.kind == .podman && engine.owner == nil && !state.path.contains { $0 == ":" || $0 == "," }
    }

    private var cacheMount: String {
        let lent = lentFolders
        switch lent.count {
        case 0: return engine.bind(cache, Self.cacheFolder, isReadOnly: false)
        case 1: return engine.bind(lent[0], Self.cacheFolder, isReadOnly: false)
        default: return "--volume=\(cache):\(Self.cacheFolder):O,upperdir=\(lent[0]),workdir=\(lent[1])"
        }
    }

    /// What the user of the build owns: its folders, and what is mounted for it.
    var writtenFolders: [String] {
        let own = [folder.source, folder.build, folder.home, folder.temporary, folder.pipes, folder.emptyFolder]
        let files =
            [folder.emptyFile, folder.hosts, folder.compilers]
            + (caches ? [folder.cacheSettings, cache] + lentFolders : [])
        return own + files + [state.prefix(of: order.project, key: order.prefixKey)]
    }

    // MARK: Variables

    private static let cacheFolder = "/canary/.ccache"
    private static let cacheSettings = "/canary/.ccache.conf"
    private static let compilerFolder = "/canary/.compilers"

    /// Whether compilers are called through ccache.
    var caches: Bool { spec.compilerCache != .unused && inspection?.ccache != nil }

    /// All variables its stages see.
    var environment: StageEnvironment {
        var variables = image.variables.merging(spec.variables) { $1 }
        if caches {
            variables["CCACHE_DIR"] = Self.cacheFolder
            // A file of settings in the cache itself could name programs to run.
            variables["CCACHE_CONFIGPATH"] = Self.cacheSettings
        }
        return StageEnvironment(
            of: order, in: paths, image: variables, tools: caches ? [Self.compilerFolder] : [])
    }
}

extension AttemptFolder {
    /// Where the engine writes the container's id.
    var idFile: String { control + "/id" }
    /// The pipes to the driver.
    var pipes: String { control + "/run" }
    /// Hides folders.
    var emptyFolder: String { control + "/empty" }
    /// The names of hosts that a build knows: not those of this machine.
    var hosts: String { control + "/hosts" }
    /// The filter of system calls.
    var filter: String { control + "/seccomp.json" }
    /// The settings of ccache.
    var cacheSettings: String { control + "/ccache.conf" }
    /// Hides files.
    var emptyFile: String { control + "/nothing" }
    /// Links from the names of compilers to ccache.
    var compilers: String { control + "/compilers" }
}
