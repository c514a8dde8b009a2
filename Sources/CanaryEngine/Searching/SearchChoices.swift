// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
package import CanaryText

/// What somebody who asks for a search can choose.
package struct SearchChoices: Hashable, Sendable {
    /// How many probes run at the same time.
    package var jobs = 1
    /// How many probes the search may build; nil for the usual number.
    package var budget: Int?
    /// How probable a commit must be to be named, 0 to 1.
    package var confidence = 0.99
    /// How often a good build fails by accident, 0 to 1; nil for what was learned.
    package var flakeRate: Double?
    /// How often a bad build passes by accident, 0 to 1; nil for the default.
    package var missRate: Double?
    /// Whether all commits are equally suspect.
    package var isUniform = false
    /// The wait before the second control; nil for half an hour, and none where nothing has ever passed.
    package var controlWait: TimeSpan?
    /// Whether the result is confirmed at once.
    package var confirms = false
    /// Whether to start over.
    package var fresh = false

    /// Makes the default choices.
    package init() {}

    /// The settings of the search.
    ///
    /// - Parameter learned: the flake rate of the job, used unless `flakeRate` is given.
    package func settings(learned: Double = 0) -> SearchSettings {
        var options = SearchOptions()
        options.workers = jobs
        options.budget = budget
        options.confidence = confidence
        options.isUniform = isUniform
        options.controlWait = controlWait ?? .minutes(30)
        options.confirms = confirms
        var settings = SearchSettings(
            rates: SearchRates(learned: learned, flake: flakeRate, miss: missRate), options: options)
        settings.isPatient = controlWait == nil ? nil : true
        return settings
    }
}
