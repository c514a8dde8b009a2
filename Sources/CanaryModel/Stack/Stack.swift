// SPDX-License-Identifier: Apache-2.0

package import CanaryText

/// A named set of projects with edges, variants, lanes and policy: all that the manifests say, checked.
package struct Stack: Sendable {
    /// The name; a state folder belongs to one.
    package let name: String
    /// The name people use.
    package let title: String
    /// Which engine builds run in.
    package let runtime: RuntimeChoice
    /// What a downstream of a red upstream is built against.
    package let fallback: Fallback
    /// Base of the links in notices and feeds.
    package let siteURL: String?
    /// Where builds happen, in the manifest's order.
    package let variants: [Variant]
    /// The projects and their order.
    package let graph: ProjectGraph
    /// All jobs in the graph's order: project, then variant, then lane.
    package let jobs: [JobID]
    /// When the stack runs, by whom it tells, what it keeps.
    package let operation: Operation
    /// Bounds of the host.
    package let limits: HostLimits
    /// When red results become news.
    package let policy: Policy
    /// Who is told.
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

/// Which engine builds run in.
package enum RuntimeChoice: String, CaseIterable, Codable, Sendable {
    /// podman, else docker, else an error.
    case auto
    case podman
    case docker
    /// Plain processes of this machine: for trusted code only.
    case process
}

/// What a downstream of a red upstream is built against.
package enum Fallback: String, CaseIterable, Sendable {
    /// The upstream's last known good.
    case lastKnownGood = "lkg"
    /// Nothing: the downstream is blocked.
    case none
}

/// When the stack runs and what it keeps.
package struct Operation: Hashable, Sendable {
    /// When the daemon runs the stack; nil means by hand only.
    package var schedule: CronSchedule?
    /// How often the daemon looks for moved heads.
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
