// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Glibc

/// The arguments of an engine for our containers: pure, but for the limits of this process that a container inherits.
struct ContainerCommand: Sendable {
    /// The order.
    let order: WorkOrder
    /// Its container.
    let place: ContainerPlace
    /// The state folder.
    let state: StateFolder
    /// The engine.
    let engine: ContainerEngine
    /// The image.
    let image: ContainerImage
    /// What a look into the image told; nil when there was nothing to look for.
    let look: ImageLook?

    /// The label with the path of the state folder that a container belongs to.
    static let stateLabel = "org.canary.state"
    private static let attemptLabel = "org.canary.attempt"

    /// The name of the container of `attempt`.
    static func name(of attempt: String) -> String { "canary-\(attempt)" }

    private var folder: AttemptFolder { state.attempt(order.attempt) }
    private var places: StageEnvironment.Places { .init(of: order, in: state) }

    /// The arguments of the engine for the whole attempt.
    var run: [String] {
        [
            "run", "--rm", "--name=\(Self.name(of: order.attempt))",
            "--label=\(Self.stateLabel)=\(state.path)", "--label=\(Self.attemptLabel)=\(order.attempt)",
            "--cidfile=\(folder.idFile)",
        ] + Self.closed(engine, network: order.recipe.network) + limits + mounts
            + environment.variables.sorted { $0.key < $1.key }.map { "--env=\($0.key)=\($0.value)" }
            + engine.runArguments
            + ["--entrypoint=/bin/sh", image.id, "-c", ContainerDriver.script, "canary"] + forgotten + ["--"]
            + order.recipe.stages.map(\.run)
    }

    /// The arguments of the engine for a look into an image.
    static func look(_ question: ImageLook.Question, engine: ContainerEngine) -> [String] {
        ["run", "--rm"] + closed(engine, network: false) + engine.runArguments
            + ["--entrypoint=/bin/sh", question.image] + ImageLook.command(question)
    }

    /// What keeps a container to itself, whatever the engine's own settings say.
    private static func closed(_ engine: ContainerEngine, network: Bool) -> [String] {
        let own =
            switch engine.kind {
            case .podman:
                [
                    "--http-proxy=false", "--pid=private", "--ipc=private", "--uts=private", "--user=0:0",
                    "--read-only-tmpfs=false",
                    "--ulimit=nofile=\(limit(Int32(RLIMIT_NOFILE.rawValue), atMost: 1 << 20))",
                    "--ulimit=nproc=\(limit(Int32(__RLIMIT_NPROC.rawValue), atMost: 1 << 15))",
                ]
            // A docker that runs as root for a user who does not would leave files of root behind.
            case .docker: ["--user=\(geteuid()):\(getegid())"]
            }
        return own + (network ? [] : ["--network=none"]) + [
            "--pull=never", "--init", "--log-driver=none", "--workdir=/", "--read-only", "--cap-drop=ALL",
            "--security-opt=no-new-privileges", "--security-opt=label=disable",
            "--tmpfs=/run:rw,nosuid,nodev,mode=755", "--tmpfs=/var/tmp:rw,nosuid,nodev,mode=1777",
        ]
    }

    /// Our own limit, because podman would ask for more than it may have; of processes it lowers its own to 32768, and
    /// what holds an attempt is `--pids-limit`.
    private static func limit(_ resource: Int32, atMost most: rlim_t) -> String {
        var limits = rlimit()
        getrlimit(resource, &limits)
        return "\(min(limits.rlim_cur, most)):\(min(limits.rlim_max, most))"
    }

    private var limits: [String] {
        [
            "--pids-limit=\(order.limits.processes)", "--memory=\(order.limits.memory.bytes)",
            "--memory-swap=\(order.limits.memory.bytes)",
        ] + (place.cpus.map { ["--cpus=\($0)"] } ?? [])
    }

    // MARK: Mounts

    private var mounts: [String] {
        let places = places
        var mounts = [
            Self.bind(folder.pipes, ContainerDriver.folder, isReadOnly: true),
            Self.bind(folder.source, places.source), Self.bind(folder.build, places.build),
            Self.bind(folder.home, places.home), Self.bind(folder.temporary, places.temporary),
            Self.bind(folder.temporary, "/tmp"),
            Self.bind(state.prefix(of: order.project, key: order.prefixKey), places.prefix),
        ]
        for upstream in order.upstreams {
            guard let prefix = places.upstreamPrefix[upstream.project] else { continue }
            mounts.append(
                Self.bind(state.prefix(of: upstream.project, key: upstream.key), prefix, isReadOnly: true))
        }
        mounts += (look?.folders ?? []).map { Self.bind(folder.emptyFolder, $0, isReadOnly: true) }
        mounts += (look?.files ?? []).map { Self.bind(folder.emptyFile, $0, isReadOnly: true) }
        if caches {
            let cache = state.compilerCache(of: order.project, variant: order.variant)
            mounts.append(Self.bind(cache, Self.cacheFolder))
            mounts.append(Self.bind(folder.compilers, Self.compilerFolder, isReadOnly: true))
        }
        return mounts
    }

    /// Fields with a comma or a quote are quoted as in CSV.
    private static func bind(_ source: String, _ destination: String, isReadOnly: Bool = false) -> String {
        let fields = ["type=bind", "source=\(source)", "destination=\(destination)"].map { field in
            guard field.contains(where: { $0 == "," || $0 == "\"" }) else { return field }
            return "\"\(field.replacing("\"", with: "\"\""))\""
        }
        return "--mount=" + (fields + (isReadOnly ? ["readonly"] : [])).joined(separator: ",")
    }

    // MARK: Variables

    private static let cacheFolder = "/canary/.ccache"
    private static let compilerFolder = "/canary/.compilers"

    /// Whether compilers are called through ccache.
    var caches: Bool { place.cachesCompiler && look?.ccache != nil }

    /// All variables its stages see.
    var environment: StageEnvironment {
        var variables = image.variables.merging(place.variables) { $1 }
        if caches { variables["CCACHE_DIR"] = Self.cacheFolder }
        return StageEnvironment(
            of: order, in: places, image: variables, tools: caches ? [Self.compilerFolder] : [])
    }

    /// What engines add by themselves: proxies too, from settings of the user.
    private var forgotten: [String] {
        let proxies = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"]
        let added = ["HOSTNAME", "container"] + proxies + proxies.map { $0.uppercased() }
        let wanted = environment.variables
        return added.filter { wanted[$0] == nil }
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
