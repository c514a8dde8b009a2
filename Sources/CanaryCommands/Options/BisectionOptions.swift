// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryModel
import CanaryText

extension TimeSpan: ExpressibleByArgument {
    /// Reads an option's value.
    package init?(argument: String) { self.init(argument) }
}

/// The options of a search, shared by both kinds.
struct BisectionOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("How many probes run at the same time.", valueName: "n"))
    var jobs = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How many probes the search can use. (default: 4 log2(commits + 2) + 12)", valueName: "n"))
    var budget: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("How probable a commit must be to be reported as the culprit.", valueName: "probability"))
    var confidence = 0.99

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How often a good commit fails by accident, if known; saves probes.", valueName: "rate"))
    var flakeRate: Double?

    @Option(
        name: .long, help: ArgumentHelp("How often a bad commit passes by accident. (default: 0.03)", valueName: "rate")
    )
    var missRate: Double?

    @Flag(name: .long, help: "Treat all commits as equally suspect, whatever they change.")
    var uniformPrior = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long to wait for an outage to end when the good commit fails; doubled twice. (default: 30m)",
            valueName: "duration"))
    var controlWait: TimeSpan?

    @Flag(name: .long, help: "Build parent and culprit twice more to confirm the result.")
    var confirm = false

    @Flag(name: .long, help: "Start over, ignoring stored answers of this search.")
    var fresh = false

    func validate() throws {
        guard jobs >= 1, jobs <= 256 else { throw ValidationError("`--jobs \(jobs)`: expected 1 to 256") }
        if let budget, budget < 1 { throw ValidationError("`--budget \(budget)`: expected 1 or more") }
        guard confidence > 0.5, confidence < 1 else {
            throw ValidationError("`--confidence \(confidence)`: expected more than 0.5 and less than 1")
        }
        for (option, rate) in [("--flake-rate", flakeRate), ("--miss-rate", missRate)] {
            guard let rate, !(rate >= 0 && rate < 0.5) else { continue }
            throw ValidationError("`\(option) \(rate)`: expected 0 or more and less than 0.5")
        }
    }

    /// What these options choose.
    var choices: SearchChoices {
        var choices = SearchChoices()
        choices.jobs = jobs
        choices.budget = budget
        choices.confidence = confidence
        choices.flakeRate = flakeRate
        choices.missRate = missRate
        choices.isUniform = uniformPrior
        choices.controlWait = controlWait
        choices.confirms = confirm
        choices.fresh = fresh
        return choices
    }
}
