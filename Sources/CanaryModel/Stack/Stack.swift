// SPDX-License-Identifier: Apache-2.0

package import CanaryText

/// A named set of projects with dependencies, variants, lanes and policy: the checked content of all manifests.
package struct Stack: Sendable {
    /// The name; a state folder belongs to one stack.
    package let name: String
    /// The name people use.
    package let title: String
    /// Where builds run.
    package let runtime: RuntimeChoice
    /// What the downstreams of a red upstream are built on.
    package let fallback: Fallback
    /// The base of links in notices and feeds.
    package let siteURL: String?
    /// The variants, in the order of the manifest.
    package let variants: [Variant]
    /// The projects and their dependencies.
    package let graph: ProjectGraph
    /// All jobs, by project in building order, then by variant and lane.
    package let jobs: [JobID]
    /// When the stack runs and what it keeps.
    package let operation: Operation
    /// The limits of the host.
    package let limits: HostLimits
    /// When red results are reported.
    package let policy: Policy
    /// Who is notified.
    package let notify: [NotifyTarget]

    /// Makes a stack.
    package init(
        name: String, title: String? = nil, runtime: RuntimeChoice = .auto, fallback: Fallback = .lastKnownGood,
        siteURL: String? = nil, variants: [Variant], graph: ProjectGraph, operation: Operation = Operation(),
        limits: HostLimits = HostLimits(), policy: Policy = Policy(), notify: [NotifyTarget] = []
    ) {
        self.name = name
        self.title = title ?? name
        self.runtime = runtime
        self.fallback = fallback
        self.siteURL = siteURL
        self.variants = variants
        self.graph = graph
        jobs = graph.projects.flatMap { project in
            variants.filter { project.variants.contains($0.name) }.flatMap { variant in
                variant.lanes.map { JobID(project: project.name, variant: variant.name, lane: $0) }
            }
        }
        self.operation = operation
        self.limits = limits
        self.policy = policy
        self.notify = notify
    }

    /// The variant called `name`.
    package func variant(_ name: String) -> Variant? { variants.first { $0.name == name } }
}

/// Where builds run.
package enum RuntimeChoice: String, CaseIterable, Codable, Sendable {
    /// podman, otherwise docker, otherwise an error.
    case auto
    case podman
    case docker
    /// Plain processes on this machine; for trusted code only.
    case process
}

/// What the downstreams of a red upstream are built on.
package enum Fallback: String, CaseIterable, Sendable {
    /// The last known good of the upstream.
    case lastKnownGood = "lkg"
    /// Nothing: the downstream is blocked.
    case none
}

/// When the stack runs and what it keeps.
package struct Operation: Hashable, Sendable {
    /// When the daemon runs the stack; nil means only on request.
    package var schedule: CronSchedule?
    /// How often the daemon checks for new commits.
    package var poll: TimeSpan
    /// When the digest is sent; nil means never.
    package var digest: CronSchedule?
    /// Where and how often history is copied; nil means never.
    package var backup: Backup?
    /// How long logs are kept.
    package var keepLogs: TimeSpan

    /// Makes the settings; the defaults are those of the manifest format.
    package init(
        schedule: CronSchedule? = nil, poll: TimeSpan = .minutes(15), digest: CronSchedule? = nil,
        backup: Backup? = nil, keepLogs: TimeSpan = .days(90)
    ) {
        self.schedule = schedule
        self.poll = poll
        self.digest = digest
        self.backup = backup
        self.keepLogs = keepLogs
    }
}

/// Where and how often history is copied.
package struct Backup: Hashable, Sendable {
    /// The folder, relative to the stack's.
    package let folder: String
    /// How often.
    package let every: TimeSpan
    /// How many copies are kept.
    package let keep: Int

    /// Makes the settings.
    package init(folder: String, every: TimeSpan, keep: Int) {
        self.folder = folder
        self.every = every
        self.keep = keep
    }
}
