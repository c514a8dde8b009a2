// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// Everything that a backend needs to run one attempt: a value, without closures and without paths of this host.
package struct WorkOrder: Hashable, Codable, Sendable {
    /// A built upstream, by project and build key.
    package struct UpstreamPrefix: Hashable, Codable, Sendable {
        /// The project.
        package let project: String
        /// The key of the build whose prefix is used.
        package let key: String

        /// Names the prefix of build `key` of `project`.
        package init(project: String, key: String) {
            self.project = project
            self.key = key
        }
    }

    /// The attempt's id, which also names its folder and everything that the backend creates for it.
    package let attempt: String
    /// The environment it must run in.
    package let environment: String
    /// The project.
    package let project: String
    /// The revision checked out in the attempt's source folder.
    package let revision: String
    /// The key of the prefix to install into: that of the build, or a scratch key.
    package let prefixKey: String
    /// The variant's name, for `CANARY_VARIANT`.
    package let variant: String
    /// The lane, for `CANARY_LANE`.
    package let lane: Lane
    /// The scripts, in order.
    package let recipe: Recipe
    /// The built upstreams, including transitive ones, nearest to the project first.
    package let upstreams: [UpstreamPrefix]
    /// The commit time in seconds since 1970, for `SOURCE_DATE_EPOCH`.
    package let sourceDateEpoch: Int
    /// Parallel jobs inside a stage, for `CANARY_JOBS`.
    package let jobs: Int
    /// The resource limits.
    package let limits: AttemptLimits
    /// The container it runs in; nil for plain processes.
    package let container: ContainerSpec?

    /// Makes a work order.
    package init(
        attempt: String, environment: String, project: String, revision: String, prefixKey: String, variant: String,
        lane: Lane, recipe: Recipe, upstreams: [UpstreamPrefix], sourceDateEpoch: Int, jobs: Int,
        limits: AttemptLimits, container: ContainerSpec? = nil
    ) {
        self.attempt = attempt
        self.environment = environment
        self.project = project
        self.revision = revision
        self.prefixKey = prefixKey
        self.variant = variant
        self.lane = lane
        self.recipe = recipe
        self.upstreams = upstreams
        self.sourceDateEpoch = sourceDateEpoch
        self.jobs = jobs
        self.limits = limits
        self.container = container
    }
}
