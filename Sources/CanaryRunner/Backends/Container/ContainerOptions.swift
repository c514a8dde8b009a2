// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// The options of an engine's `run` for all our containers; pure.
enum ContainerOptions {
    /// The options that isolate a container, whatever the settings of the engine are.
    static let closed = [
        "--pull=never", "--log-driver=none", "--workdir=/", "--read-only", "--cap-drop=ALL",
        "--security-opt=no-new-privileges", "--hostname=canary",
        "--tmpfs=/run:rw,nosuid,nodev,mode=755", "--tmpfs=/var/tmp:rw,nosuid,nodev,mode=1777",
    ]

    /// A folder for the program of the driver, in which nothing else can be changed from outside.
    static let driver = "--tmpfs=\(ContainerEntrypoint.driverFolder):rw,exec,nosuid,nodev,size=16m,mode=1777"

    /// The same in podman, which has more settings.
    static let closedInPodman = [
        "--http-proxy=false", "--pid=private", "--ipc=private", "--uts=private", "--user=0:0",
        "--read-only-tmpfs=false", "--no-hosts",
    ]

    /// Where there is no SELinux.
    static let unlabelled = "--security-opt=label=disable"

    /// Without a network.
    static let offline = "--network=none"

    /// The limit of open files for podman; lower if the caller's is lower.
    static let mostFiles: UInt = 1 << 20
    /// The limit of processes of a user for podman; attempts are limited by `--pids-limit`.
    static let mostProcesses: UInt = 1 << 15

    /// The variables that docker sets from the proxies of the user's settings, passwords included, unless they are set.
    static let proxies: [String] = {
        let names = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"]
        return names + names.map { $0.uppercased() }
    }()

    /// Variables that engines add themselves.
    static let added = ["HOSTNAME", "container"] + proxies

    /// The resource limits of an attempt; no file is longer than the space that all may take, holes included.
    static func limits(_ limits: AttemptLimits) -> [String] {
        [
            "--pids-limit=\(limits.processes)", "--memory=\(limits.memory.bytes)",
            "--memory-swap=\(limits.memory.bytes)", "--ulimit=fsize=\(limits.disk.bytes)",
        ]
    }

    /// The variables, sorted.
    static func variables(_ variables: [String: String]) -> [String] {
        variables.sorted { $0.key < $1.key }.map { "--env=\($0.key)=\($0.value)" }
    }

    /// Mounts the folders of `order` from the paths `host` to the paths `inside`; other prefixes read-only.
    static func mounts(
        of order: WorkOrder, from host: AttemptPaths, to inside: AttemptPaths,
        binding bind: (String, String, Bool) -> String = { bind($0, $1, isReadOnly: $2) }
    ) -> [String] {
        let own = [
            (host.source, inside.source), (host.build, inside.build), (host.home, inside.home),
            (host.temporary, inside.temporary), (host.temporary, "/tmp"), (host.prefix, inside.prefix),
        ]
        let upstreams = order.upstreams.compactMap { upstream in
            inside.upstreamPrefix[upstream.project].flatMap { prefix in
                host.upstreamPrefix[upstream.project].map { bind($0, prefix, true) }
            }
        }
        return own.map { bind($0, $1, false) } + upstreams
    }

    /// Mounts one file or folder; fields with a comma or a quote are quoted as in CSV.
    static func bind(
        _ source: String, _ destination: String, isReadOnly: Bool, options: [String] = []
    ) -> String {
        let fields = ["type=bind", "source=\(source)", "destination=\(destination)"].map { field in
            guard field.contains(where: { $0 == "," || $0 == "\"" }) else { return field }
            return "\"\(field.replacing("\"", with: "\"\""))\""
        }
        return "--mount=" + (fields + (isReadOnly ? ["readonly"] : []) + options).joined(separator: ",")
    }
}
