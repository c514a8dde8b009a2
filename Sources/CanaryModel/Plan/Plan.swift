// SPDX-License-Identifier: Apache-2.0

/// What a run would do now: a decision for each job of the stack, and the builds that these need.
package struct Plan: Sendable {
    /// The decisions, in the graph's order.
    package let jobs: [PlannedJob]
    /// The builds that are still to be made, upstreams before downstreams.
    package let builds: [PlannedBuild]

    /// Makes a plan.
    package init(jobs: [PlannedJob], builds: [PlannedBuild]) {
        self.jobs = jobs
        self.builds = builds
    }
}

/// The decision about one job.
package struct PlannedJob: Hashable, Sendable {
    /// The job.
    package let job: JobID
    /// The project's revision; nil when it could not be resolved.
    package let source: Source?
    /// The upstreams that are used, transitive ones too.
    package let upstreams: [String: Source]
    /// The build's key; nil while an upstream is still to be built, or when there is nothing to build.
    package let key: String?
    /// Whether the decision may still change when upstreams finish.
    package let conditional: Bool
    /// The decision.
    package let action: Action
    /// Why.
    package let reason: DecisionReason
    /// The upstreams that did not pass, whatever is used in their place.
    package let redUpstreams: [String]
    /// The revisions used in place of red upstreams.
    package let fallback: [String: String]
    /// The end of the job in this run: reused, finished, blocked or skipped; nil while it is open.
    package var finished: FinishedBuild?
    /// The digest of the expanded recipe; nil where there is nothing to build.
    package let recipe: String?
    /// The environment id; nil where there is nothing to build.
    package let environment: String?

    /// Makes the decision about one job.
    package init(
        job: JobID, source: Source?, upstreams: [String: Source], key: String?, conditional: Bool, action: Action,
        reason: DecisionReason, redUpstreams: [String], fallback: [String: String], finished: FinishedBuild?,
        recipe: String?, environment: String?
    ) {
        self.job = job
        self.source = source
        self.upstreams = upstreams
        self.key = key
        self.conditional = conditional
        self.action = action
        self.reason = reason
        self.redUpstreams = redUpstreams
        self.fallback = fallback
        self.finished = finished
        self.recipe = recipe
        self.environment = environment
    }
}

/// One build to make.
package struct PlannedBuild: Hashable, Sendable {
    /// An upstream of a planned build.
    package struct Input: Hashable, Sendable {
        /// The project.
        package let project: String
        /// Its revision.
        package let revision: String
        /// The key of its build; nil while that is not known yet.
        package let key: String?
        /// Whether the manifest of the built project names it; otherwise only the manifest of an upstream does.
        package let direct: Bool
    }

    /// The key; nil while an upstream is still to be built.
    package let key: String?
    /// The project.
    package let project: String
    /// What is built.
    package let source: Source
    /// The variant.
    package let variant: String
    /// The lane that it is built for first; the stages can read it.
    package let lane: Lane
    /// The environment id.
    package let environment: String
    /// The scripts.
    package let recipe: Recipe
    /// The digest of the expanded recipe.
    package let recipeDigest: String
    /// What the inspection requires of its upstreams.
    package let requirements: [ExpandedRecipe.Requirement]
    /// What an attempt may use.
    package let limits: AttemptLimits
    /// Globs of files in the environment that are hidden from the build: copies of the project and its upstreams.
    package let hidden: [String]
    /// All upstreams, nearest first.
    package let upstreams: [Input]
    /// The jobs it decides; none for a support build.
    package let jobs: [JobID]
    /// Why it is built.
    package private(set) var reason: DecisionReason
    /// Whether the recipe stops before the last stage of the manifest; nothing can be built upon such a build.
    package let partial: Bool
    /// The expected seconds of the longest chain of planned builds that starts with this one.
    package let rank: Double

    /// The same build with another reason.
    package func explained(by reason: DecisionReason) -> PlannedBuild {
        var build = self
        build.reason = reason
        return build
    }

    /// Whether it can start now.
    package var isReady: Bool { key != nil }
}
